"""Expands infra/template.yaml into the CloudFormation that Amazon deploys, offline: linters and rules that see only the SAM
file miss the roles, mappings and permissions that SAM adds."""

import json
import logging
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.sdk.parameter import SamParameterValues
from samtranslator.translator.translator import Translator

TEMPLATE = Path(__file__).resolve().parents[1] / "template.yaml"
REGION = "us-east-1"
# A local path becomes the place in a bucket that `sam package` would put there.
CODE_BUCKET = "code-bucket"
CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


# It complains at its end about metrics for Amazon that nobody sends here.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


class _Session:
    """Stands in for a boto3 session: the translator only asks for its region."""

    region_name = REGION


def load(path=TEMPLATE):
    """The SAM template as a dict, short intrinsic functions spelled out."""
    return yaml_parse(Path(path).read_text())


def expand(sam, parameters=None):
    """CloudFormation of a SAM template given as a dict, which is changed.

    Code lies at `code-bucket/<logical id>.zip`. Raises ValueError with all of the translator's complaints."""
    everywhere = sam.get("Globals", {}).get("Function", {})
    everywhere.pop("CodeUri", None)
    for name, resource in sam.get("Resources", {}).items():
        if resource.get("Type") in CODE:
            where = {"Bucket": CODE_BUCKET, "Key": f"{name}.zip"}
            resource.setdefault("Properties", {})[CODE[resource["Type"]]] = where
    values = {name: spec["Default"] for name, spec in sam.get("Parameters", {}).items() if "Default" in spec}
    values.update(parameters or {})
    values = SamParameterValues(values)
    values.add_default_parameter_values(sam)
    values.add_pseudo_parameter_values(_Session())
    translator = Translator({}, Parser(), boto_session=_Session())
    try:
        return translator.translate(sam, parameter_values=values.parameter_values)
    except InvalidDocumentException as error:
        causes = [cause.message for cause in error.causes]
        raise ValueError("; ".join([error.message, *causes])) from error


if __name__ == "__main__":
    json.dump(expand(load(sys.argv[1] if len(sys.argv) > 1 else TEMPLATE)), sys.stdout, indent=1)
