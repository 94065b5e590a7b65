"""Whether a function's role lets it make a call: its policies against an action and a resource, as Amazon judges them.

The local AWS judges nobody, so what a function did there proves no right. `make cloud` notes every call that a function makes
(infra/local/proxy.py) and asks here."""

from fnmatch import fnmatchcase

from template import Template, many


def statements(template, function):
    """Statements of a function's role, its managed policies included; by logical id."""
    role = template.resources[template.resources[function]["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
    documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
    for reference in role.get("ManagedPolicyArns", []):
        # What is no policy of ours is complained about by the rule no-foreign-policy.
        if isinstance(reference, dict):
            documents.append(template.resources[reference["Ref"]]["Properties"]["PolicyDocument"])
    return [statement for document in documents for statement in many(document["Statement"])]


def allowed(template, function, action, resource):
    """Whether a statement of its role allows the action on the resource, which may be any text that an ARN pattern matches."""
    return any(
        statement["Effect"] == "Allow"
        and any(fnmatchcase(action, pattern) for pattern in many(statement["Action"]))
        and any(fnmatchcase(resource, str(pattern)) for pattern in many(template.text(statement["Resource"])))
        for statement in statements(template, function)
    )


def denied(template, function, action, resource):
    """Whether the bucket's own policy forbids it to functions, whatever their roles say."""
    role = f"arn:aws:iam::{template.text({'Ref': 'AWS::AccountId'})}:role/{template.text({'Ref': 'AWS::StackName'})}-{function}"
    for _, policy in template.of("AWS::S3::BucketPolicy"):
        for statement in many(policy["PolicyDocument"]["Statement"]):
            roles = many(template.text(statement.get("Condition", {}).get("ArnLike", {}).get("aws:PrincipalArn", [])))
            if (
                statement["Effect"] == "Deny"
                and any(fnmatchcase(role, str(pattern)) for pattern in roles)
                and any(fnmatchcase(action, pattern) for pattern in many(statement["Action"]))
                and any(fnmatchcase(resource, str(pattern)) for pattern in many(template.text(statement["Resource"])))
            ):
                return True
    return False


def findings(body, calls):
    """Complaints about calls, each a (function, action, resource), that Amazon would refuse."""
    template, found = Template(body), []
    for function, action, resource in sorted(set(calls)):
        if not allowed(template, function, action, resource):
            found.append(f"{function} made {action} on {resource}, which its role does not allow")
        elif denied(template, function, action, resource):
            found.append(f"{function} made {action} on {resource}, which the bucket forbids to functions")
    return found
