"""Reading an expanded template: resources by type, exceptions, intrinsic functions as concrete text."""

import re

ACCOUNT, REGION, STACK = "123456789012", "us-east-1", "proofreel"
_PSEUDO = {
    "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::StackName": STACK, "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
# How the ARN of a resource is formed from its physical name, where policies ask for one.
_ARN = {
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
}
# Where a resource keeps the name it was given; without one its logical id stands for it.
_NAMES = ("QueueName", "FunctionName", "LogGroupName", "TopicName", "TableName", "BucketName")


class Template:
    """An expanded template. `body` is the plain dict, which tests may change before they build this."""

    def __init__(self, body):
        self.body = body
        self.resources = body.get("Resources", {})
        self.parameters = {
            name: spec.get("Default", f"value-of-{name}") for name, spec in body.get("Parameters", {}).items()
        }

    def of(self, kind):
        """(logical id, properties) of every resource of a type."""
        return [(name, res.get("Properties", {})) for name, res in self.resources.items() if res.get("Type") == kind]

    def excuse(self, name, rule):
        """Why a resource may break a rule, as its own metadata argues; None when it may not."""
        return self.resources.get(name, {}).get("Metadata", {}).get("Exceptions", {}).get(rule)

    def text(self, value):
        """A value with its intrinsic functions resolved, as Amazon would for a stack of sample account and region."""
        if isinstance(value, list):
            return [self.text(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Ref"}:
            return self._ref(value["Ref"])
        if set(value) == {"Fn::GetAtt"}:
            at = value["Fn::GetAtt"]
            return self._attribute(*(at.split(".", 1) if isinstance(at, str) else at))
        if set(value) == {"Fn::Sub"}:
            return re.sub(r"\$\{([^}]+)\}", lambda hit: str(self._named(hit[1])), value["Fn::Sub"])
        if set(value) == {"Fn::Join"}:
            return value["Fn::Join"][0].join(str(self.text(item)) for item in value["Fn::Join"][1])
        if set(value) == {"Fn::If"}:
            return self.text(value["Fn::If"][2])
        return {key: self.text(item) for key, item in value.items()}

    def _named(self, name):
        return self._attribute(*name.split(".", 1)) if "." in name else self._ref(name)

    def _ref(self, name):
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        if self.resources.get(name, {}).get("Type") == "AWS::Lambda::EventSourceMapping":
            return "11111111-2222-3333-4444-555555555555"
        return self.name(name)

    def _attribute(self, name, attribute):
        kind = self.resources.get(name, {}).get("Type")
        if attribute == "Arn" and kind in _ARN:
            return _ARN[kind].format(account=ACCOUNT, region=REGION, name=self.name(name))
        return self.name(name) if attribute.endswith("Name") else f"{name}.{attribute}"

    def name(self, logical):
        """Physical name of a resource."""
        given = self.resources.get(logical, {}).get("Properties", {})
        for key in _NAMES:
            if key in given:
                return self.text(given[key])
        return logical.lower()

    def by_arn(self, value, kind):
        """(logical id, properties) of the resource that an ARN expression means, or None."""
        wanted = self.text(value)
        for name, properties in self.of(kind):
            if self._attribute(name, "Arn") == wanted:
                return name, properties
        return None

    def policies(self):
        """(resource, statement) of every identity policy: roles, managed policies, policies."""
        for name, resource in self.resources.items():
            properties = resource.get("Properties", {})
            documents = []
            if resource.get("Type") in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
                documents.append(properties.get("PolicyDocument", {}))
            if resource.get("Type") == "AWS::IAM::Role":
                documents += [policy.get("PolicyDocument", {}) for policy in properties.get("Policies", [])]
            for document in documents:
                for statement in many(document.get("Statement", [])):
                    yield name, statement


def many(value):
    """A policy member that may be one thing or a list of them."""
    return value if isinstance(value, list) else [value]
