//! Who may do what on a channel.

use std::collections::BTreeSet;

use proofreel_model::channel::ChannelProfile;

use crate::error::PublishError;

/// What a person is on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Approves and rejects.
    Approver,
    /// Orders, edits, publishes and retracts.
    Operator,
}

/// The roles of a person. `at_the_machine` is true for whoever runs the command where the state folder lies: on a channel
/// that names nobody, that person is everything. From outside, nobody has a role that no file gives.
pub fn roles_of(channel: &ChannelProfile, who: &str, at_the_machine: bool) -> BTreeSet<Role> {
    let publishing = &channel.publishing;
    let lists = [
        (Role::Operator, &publishing.operators),
        (Role::Approver, &publishing.approvers),
        (Role::Viewer, &publishing.viewers),
    ];
    if at_the_machine && lists.iter().all(|(_, names)| names.is_empty()) {
        return BTreeSet::from([Role::Operator, Role::Approver, Role::Viewer]);
    }
    let mut roles: BTreeSet<Role> =
        lists.iter().filter(|(_, names)| names.iter().any(|name| name == who)).map(|(role, _)| *role).collect();
    if !roles.is_empty() {
        roles.insert(Role::Viewer);
    }
    roles
}

/// Refuses a person without the role.
pub(crate) fn demand(
    channel: &ChannelProfile,
    who: &str,
    at_the_machine: bool,
    role: Role,
    what: &'static str,
) -> Result<(), PublishError> {
    if roles_of(channel, who, at_the_machine).contains(&role) {
        return Ok(());
    }
    let list = if role == Role::Approver { &channel.publishing.approvers } else { &channel.publishing.operators };
    let hint = if list.is_empty() {
        "name people in the channel's file under [publishing]".into()
    } else {
        format!("{} may; say who you are with --as, or change the channel's file", list.join(", "))
    };
    Err(PublishError::NotAllowed { who: who.to_owned(), what, channel: channel.id.clone(), hint })
}
