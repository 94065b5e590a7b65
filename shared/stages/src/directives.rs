//! Standing orders that the channel's figures gave: what the stages do because of them, and how they say so.
//!
//! | order | planner | scene-builder | script and thumbnail |
//! |---|---|---|---|
//! | packaging | – | – | another title and another thumbnail lead |
//! | script | – | – | shorter sentences |
//! | hook | topics with weaker findings are left out | another surprise, another promise | another surprise |

use proofreel_model::kpi::{Directive, Obeyed, OrderKind};
use proofreel_model::policy::kpi_law;
use proofreel_model::script::Script;

use crate::Context;
use crate::prose::{Bound, Composer, Plan, Wish};

/// The directive of a kind, if one stands.
pub fn standing<'a>(context: &Context<'a>, kind: OrderKind) -> Option<&'a Directive> {
    context.order.directives.iter().find(|directive| directive.kind == kind)
}

/// Longest sentence of the narration, words: the gate's bound, or the shorter one of a script order.
pub fn sentence_words(context: &Context<'_>) -> usize {
    let most = context.policy.qa.max_sentence_words;
    standing(context, OrderKind::Script).map_or(most, |_| most.min(kpi_law().directives.sentence_words))
}

/// The composer as it is, or, under a hook order, one that has said what it would say first, as often as orders of the kind were
/// given. There is always something left to say.
pub fn another(
    composer: &Composer,
    context: &Context<'_>,
    plans: &[Plan],
    bound: &Bound<'_>,
    wish: Wish<'_>,
) -> Composer {
    let mut at = composer.clone();
    for _ in 0..standing(context, OrderKind::Hook).map_or(0, |directive| directive.nth) {
        let mut tried = at.clone();
        if tried.compose(plans, bound, wish).is_none() || tried.propose(plans, bound, wish).is_none() {
            break;
        }
        at = tried;
    }
    at
}

/// Lets another title and thumbnail lead under a packaging order, and notes in the script what was done because of all orders.
pub fn obey(script: &mut Script, context: &Context<'_>) {
    for directive in &context.order.directives {
        let how = match directive.kind {
            OrderKind::Packaging => {
                let titles = lead(&mut script.titles, directive.nth);
                let thumbnails = lead(&mut script.thumbnails, directive.nth);
                format!("title variant {titles} and thumbnail variant {thumbnails} lead")
            }
            OrderKind::Script => format!("sentences of at most {} words", sentence_words(context)),
            OrderKind::Hook => "another promise and another surprise open, and weaker topics were left out".to_owned(),
        };
        script.obeyed.push(Obeyed { order: directive.order.clone(), kind: directive.kind, how });
    }
}

/// Turns a list so that another variant leads; says which one it was, from 1.
fn lead<T>(variants: &mut [T], nth: u32) -> usize {
    if variants.is_empty() {
        return 0;
    }
    let turn = nth as usize % variants.len();
    variants.rotate_left(turn);
    turn + 1
}
