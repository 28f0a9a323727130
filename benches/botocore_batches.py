"""botocore's CloudFrontSigner with cryptography, its key loaded once. Each line of input says how often to sign; each line of output, the microseconds."""

import datetime
import sys
import time

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

URL = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd"
UNTIL = datetime.datetime.fromtimestamp(1_924_959_599, datetime.timezone.utc)

with open(sys.argv[1], "rb") as file:
    key = serialization.load_pem_private_key(file.read(), password=None)
signer = CloudFrontSigner("K2JCJMDEHXQW5F", lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1()))

for line in sys.stdin:
    count = int(line)
    start = time.perf_counter_ns()
    for _ in range(count):
        url = signer.generate_presigned_url(URL, date_less_than=UNTIL)
    print((time.perf_counter_ns() - start) / 1000, flush=True)
