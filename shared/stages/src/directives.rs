//! Standing orders that the channel's figures gave: what the stages do because of them, and how they say so.
//!
//! | order | planner | scene-builder | script and thumbnail |
//! |---|---|---|---|
//! | packaging | – | – | another title and another thumbnail lead |
//! | script | – | – | shorter sentences, another comment to pin |
//! | hook | topics with weaker findings are left out | another surprise, another promise | another surprise |
//!
//! What a person who rejected a film wished for ([`Wish`](proofreel_model::wish::Wish)) is done in the same ways, in the one visit that
//! the film was sent back to.

use proofreel_model::kpi::{Directive, Obeyed, OrderKind};
use proofreel_model::policy::kpi_law;
use proofreel_model::script::Script;
use proofreel_model::topic::Angle;
use proofreel_model::wish;

use crate::Context;
use crate::prose::plans::{self, SURPRISE};
use crate::prose::{Bound, Composer, Plan, Wish};

/// The directive of a kind, if one stands.
pub fn standing<'a>(context: &Context<'a>, kind: OrderKind) -> Option<&'a Directive> {
    context.order.directives.iter().find(|directive| directive.kind == kind)
}

/// True when whoever rejected the film asked for it.
fn wished(context: &Context<'_>, what: wish::Wish) -> bool {
    wish::wished(context.reasons).contains(&what)
}

/// Longest sentence of the narration, words: the gate's bound, or the shorter one of a script order or a person's wish.
pub fn sentence_words(context: &Context<'_>) -> usize {
    let most = context.policy.qa.max_sentence_words;
    let shorter = standing(context, OrderKind::Script).is_some() || wished(context, wish::Wish::Shorter);
    if shorter { most.min(kpi_law().directives.sentence_words) } else { most }
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
    let ordered = standing(context, OrderKind::Hook).map_or(0, |directive| directive.nth);
    for _ in 0..ordered + u32::from(wished(context, wish::Wish::OtherHook)) {
        let mut tried = at.clone();
        if tried.compose(plans, bound, wish).is_none() || tried.propose(plans, bound, wish).is_none() {
            break;
        }
        at = tried;
    }
    at
}

/// The plans of a hook's surprising fact: those that belong to the episode's promise, where one of them fits and no
/// other hook was asked for.
pub fn surprises(
    composer: &Composer,
    context: &Context<'_>,
    angle: Angle,
    bound: &Bound<'_>,
    wish: Wish<'_>,
) -> Vec<Plan> {
    let other = standing(context, OrderKind::Hook).is_some() || wished(context, wish::Wish::OtherHook);
    let own = plans::surprises(angle);
    if other || composer.propose(&own, bound, wish).is_none() { SURPRISE.to_vec() } else { own }
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
            OrderKind::Script => {
                let comment = lead_comment(script, directive.nth);
                format!(
                    "sentences of at most {} words, and comment variant {comment} is to pin",
                    sentence_words(context)
                )
            }
            OrderKind::Hook => "another promise and another surprise open, and weaker topics were left out".to_owned(),
        };
        script.obeyed.push(Obeyed { order: directive.order.clone(), kind: directive.kind, how });
    }
    if wished(context, wish::Wish::OtherTitle) {
        lead(&mut script.titles, 1);
    }
}

/// Lets another comment be the one to pin; says which one it was, from 1.
fn lead_comment(script: &mut Script, nth: u32) -> usize {
    let mut all = vec![std::mem::take(&mut script.pinned_comment)];
    all.append(&mut script.other_comments);
    let leads = lead(&mut all, nth);
    let mut all = all.into_iter();
    script.pinned_comment = all.next().unwrap_or_default();
    script.other_comments = all.collect();
    leads
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
