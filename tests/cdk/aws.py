"""AWS on this machine: moto's server, taught the resources of examples/cdk that its CloudFormation cannot make from a template.

What they are is moto's own: its CloudFront, Secrets Manager and Lambda.
"""

import moto.cloudformation.responses as cloudformation
from moto.awslambda.models import lambda_backends
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import CloudFormationModel, OutputMap
from moto.cloudfront.models import cloudfront_backends, random_id
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import main


class Resource:
    """A resource of a stack, with its physical id and the attributes that a template may ask for."""

    def __init__(self, physical_id, attributes=()):
        self.physical_resource_id = physical_id
        self.attributes = dict(attributes)

    def get_cfn_attribute(self, name):
        return self.attributes[name]


def resource(kind, create, update, delete):
    """Teaches moto's CloudFormation a type, with functions of backend and properties that create, change and delete one."""

    class Model(CloudFormationModel, Resource):
        # moto files its models by the second part of this name.
        __module__ = "tests.cloudformation"
        __init__ = Resource.__init__

        @staticmethod
        def cloudformation_name_type():
            return ""

        @staticmethod
        def cloudformation_type():
            return kind

        @classmethod
        def has_cfn_attr(cls, attr):
            return True

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            made = cls(*create((account_id, region_name), cloudformation_json["Properties"], resource_name))
            made.properties = cloudformation_json["Properties"]
            return made

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
            properties = cloudformation_json["Properties"]
            if properties != original_resource.properties:
                update((account_id, region_name), original_resource.physical_resource_id, properties)
                original_resource.properties = properties
            return original_resource

        @classmethod
        def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
            delete((account_id, region_name), resource_name)

    MODELS.append(Model)


# moto finds the subclasses; this keeps them.
MODELS = []


def cloudfront(where):
    return cloudfront_backends[where[0]]["aws"]


def unchangeable(what):
    def update(where, id, properties):
        raise ValueError(f"{what} cannot be changed here")

    return update


def items(values):
    return {"Quantity": len(values), "Items": values}


# PublicKey


def create_public_key(where, properties, name):
    config = properties["PublicKeyConfig"]
    key = cloudfront(where).create_public_key(config["CallerReference"], config["Name"], config["EncodedKey"])
    # CloudFront's begin with K.
    del cloudfront(where).public_keys[key.id]
    key.id = "K" + key.id[1:]
    cloudfront(where).public_keys[key.id] = key
    return (key.id,)


resource("AWS::CloudFront::PublicKey", create_public_key, unchangeable("a public key"), lambda where, id: cloudfront(where).delete_public_key(id))


# KeyGroup


def create_key_group(where, properties, name):
    config = properties["KeyGroupConfig"]
    return (cloudfront(where).create_key_group(config["Name"], config["Items"]).id,)


def update_key_group(where, id, properties):
    cloudfront(where).key_groups[id].items = properties["KeyGroupConfig"]["Items"]


resource("AWS::CloudFront::KeyGroup", create_key_group, update_key_group, lambda where, id: cloudfront(where).key_groups.pop(id))


# OriginAccessControl


def create_origin_access_control(where, properties, name):
    made = cloudfront(where).create_origin_access_control(properties["OriginAccessControlConfig"])
    return made.id, {"Id": made.id}


resource(
    "AWS::CloudFront::OriginAccessControl",
    create_origin_access_control,
    unchangeable("an origin access control"),
    lambda where, id: cloudfront(where).delete_origin_access_control(id),
)


# ResponseHeadersPolicy, which moto's CloudFront does not keep.
resource("AWS::CloudFront::ResponseHeadersPolicy", lambda where, properties, name: (random_id(),), lambda *_: None, lambda *_: None)


# Distribution: a template has lists where the API has quantities and items.


def create_distribution(where, properties, name):
    config = dict(properties["DistributionConfig"], CallerReference=name)
    behaviour = dict(config["DefaultCacheBehavior"])
    for list_name in ("TrustedKeyGroups", "AllowedMethods"):
        behaviour[list_name] = items(behaviour[list_name])
    config["DefaultCacheBehavior"] = behaviour
    # moto knows S3 by the name of its address alone.
    config["Origins"] = items([dict(origin, DomainName="files.s3.amazonaws.com") for origin in config["Origins"]])
    made, _, _ = cloudfront(where).create_distribution(config, [])
    return made.distribution_id, {"DomainName": made.domain_name}


resource(
    "AWS::CloudFront::Distribution",
    create_distribution,
    unchangeable("a distribution"),
    lambda where, id: cloudfront(where).delete_distribution(id, True),
)


# Secret


def secrets(where):
    return secretsmanager_backends[where[0]][where[1]]


def create_secret(where, properties, name):
    if "SecretString" in properties or "GenerateSecretString" in properties:
        raise ValueError("the template gives the secret a value")
    secrets(where).create_secret(name, None, None, properties["Description"], [], None, None, [], False)
    return (secrets(where).secrets[name].arn,)


resource("AWS::SecretsManager::Secret", create_secret, unchangeable("a secret"), lambda where, id: secrets(where).delete_secret(id, None, True))


# Url of a function


def create_url(where, properties, name):
    made = lambda_backends[where[0]][where[1]].create_function_url_config(properties["TargetFunctionArn"], properties)
    # Lambda's end with a slash.
    made.url += "/"
    return properties["TargetFunctionArn"], {"FunctionUrl": made.url}


resource("AWS::Lambda::Url", create_url, unchangeable("a function's URL"), lambda *_: None)

# For a template in S3, moto looks for the bucket in the URL's path only if the host is localhost.
template_in_s3 = cloudformation.get_stack_from_s3_url
cloudformation.get_stack_from_s3_url = lambda url, **where: template_in_s3(url.replace("127.0.0.1", "localhost"), **where)

# moto makes a change set's resources but forgets its outputs.
Stack.output_map = property(lambda stack: OutputMap(stack.resource_map, stack.resource_map._template, stack.stack_id), lambda stack, _: None)


def stack_parameters(stack):
    """As they were given: moto has the values of parameters of SSM for their names, and does not find them when a stack is changed."""
    parameters = stack.resource_map._template.get("Parameters", {})
    return {name: stack.resource_map.input_parameters.get(name, parameter.get("Default")) for name, parameter in parameters.items()}


Stack.stack_parameters = property(stack_parameters)


class ChangeSetNotFound(ValidationError):
    """What CDK waits for after it has deleted a stack; moto reports that there is no such stack."""

    code = "ChangeSetNotFound"


def describe_change_set(backend, change_set_name):
    try:
        return described(backend, change_set_name)
    except ValidationError as error:
        raise ChangeSetNotFound(message=f"ChangeSet [{change_set_name}] does not exist") from error


described = CloudFormationBackend.describe_change_set
CloudFormationBackend.describe_change_set = describe_change_set


def delete_change_set(backend, change_set_name):
    """With AWS this succeeds if the change set does not exist. `cdk diff` relies on that: moto's error makes it retry for 40 seconds."""
    if any(change_set_name in (arn, change_set.change_set_name) for arn, change_set in backend.change_sets.items()):
        deleted(backend, change_set_name)


deleted = CloudFormationBackend.delete_change_set
CloudFormationBackend.delete_change_set = delete_change_set

main()
