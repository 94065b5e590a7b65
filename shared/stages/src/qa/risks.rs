//! Risk flags that a scene's subject calls for.

use super::dossier::{Dossier, Findings, Place, series_of};
use super::rules::Rule;

/// Checks the flags of every scene against the names that the packages give its series.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    for scene in &dossier.scenes.scenes {
        let claims = scene.key_claims.iter().filter_map(|id| dossier.claim(id));
        let facts = claims.flat_map(|claim| claim.finding.roles.values()).filter_map(|id| dossier.fact(id));
        let infos = facts.flat_map(|fact| series_of(&fact.formula)).filter_map(|series| dossier.library.get(series));
        for (flag, word) in crate::risk::flags(infos, &dossier.policy.risks) {
            if !scene.risk_flags.contains(&flag) {
                findings.add(
                    Rule::RiskUnflagged,
                    &Place::scene(&scene.scene_id, "risk flags"),
                    format!("`{word}` among its series' names calls for the flag {flag:?}"),
                );
            }
        }
    }
}
