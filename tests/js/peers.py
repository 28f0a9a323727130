"""Signs with botocore's CloudFrontSigner and with `aws cloudfront sign`, in one process: JSON lines in, JSON lines out.

Each line has `peer`, "botocore" or "awscli". For botocore: url, key_pair_id, private_key (a file), date_less_than,
date_greater_than and ip_address, or policy; dates in epoch seconds. For awscli: arguments, those after `aws`.
Out comes {"output": ...} or {"error": ...}.
"""

import contextlib
import datetime
import functools
import io
import json
import sys

from awscli.clidriver import create_clidriver
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding


@functools.lru_cache
def load_key(path):
    with open(path, "rb") as file:
        return serialization.load_pem_private_key(file.read(), password=None)


def moment(seconds):
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def botocore(url, key_pair_id, private_key, date_less_than=None, date_greater_than=None, ip_address=None, policy=None):
    key = load_key(private_key)
    signer = CloudFrontSigner(key_pair_id, lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1()))
    if policy is None and date_greater_than is None and ip_address is None:
        return signer.generate_presigned_url(url, date_less_than=moment(date_less_than))
    if policy is None:
        policy = signer.build_policy(url, moment(date_less_than), moment(date_greater_than), ip_address)
    return signer.generate_presigned_url(url, policy=policy)


driver = create_clidriver()


def awscli(arguments):
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        status = driver.main(arguments)
    if status != 0:
        raise RuntimeError(f"exit status {status}: {errors.getvalue().strip()}")
    return out.getvalue()


PEERS = {"botocore": botocore, "awscli": awscli}

for line in sys.stdin:
    case = json.loads(line)
    try:
        answer = {"output": PEERS[case.pop("peer")](**case)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
