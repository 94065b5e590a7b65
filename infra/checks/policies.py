"""Judges every policy of the expanded template with parliament: unknown actions, actions that the resource does not know,
conditions that do not exist, ways to more rights."""

import json

import parliament

from template import Template

# Findings about a policy's manners, not its rights.
IGNORED = {"RESOURCE_STAR"}


def findings(body):
    """(resource, complaint) for every policy statement that parliament dislikes."""
    template, found = Template(body), []
    for name, statement in template.policies():
        concrete = template.text(statement)
        # parliament knows the ARN patterns of Amazon's documentation; `Sid`s must be unique, which one statement is.
        document = json.dumps({"Version": "2012-10-17", "Statement": [concrete]})
        for issue in parliament.analyze_policy_string(document, include_community_auditors=True).findings:
            if issue.issue not in IGNORED:
                found.append((name, f"{statement.get('Sid')}: {issue.issue} {issue.detail or ''} {issue.location or ''}"))
    return found
