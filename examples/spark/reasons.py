"""Counts the requests of CloudFront's access logs by decision and reason, on as many machines as Spark has.

Spark pipes each part of the logs through `countersign logs - --output json` and adds up the lines that come back.
"""

import argparse
import json
import shlex
import subprocess

from pyspark.sql import SparkSession


def judge(lines, command, head):
    """Passes the lines of one partition to the command and yields its answers as they come."""
    from threading import Thread

    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def write():
        with process.stdin as stdin:
            if head:
                stdin.write(head + "\n")
            for line in lines:
                stdin.write(line + "\n")

    writer = Thread(target=write)
    writer.start()
    yield from process.stdout
    writer.join()
    if process.wait() != 0:
        raise RuntimeError(f"{shlex.join(command)} ended with status {process.returncode}")


def reason(line):
    row = json.loads(line)
    return "unreadable" if "error" in row else f"{row['decision']} {row['reasonCode']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", help="files, as Spark names them: a path, a pattern or s3://…")
    parser.add_argument("--public-key", action="append", default=[], help="as countersign takes it; once for each key")
    parser.add_argument("--countersign", default="countersign", help="the command, on each worker")
    parser.add_argument("--partitions", type=int, help="at least so many parts, for files that can be split")
    options = parser.parse_args()

    command = [options.countersign, "logs", "-", "--output", "json"]
    for key in options.public_key:
        command += ["--public-key", key]

    spark = SparkSession.builder.appName("countersign").getOrCreate()
    lines = spark.sparkContext.textFile(options.logs, options.partitions)
    heads = lines.filter(lambda line: line.startswith("#Fields:")).take(1)
    head = heads[0] if heads else ""
    counts = lines.mapPartitions(lambda part: judge(part, command, head)).map(reason).countByValue()
    print(json.dumps(dict(sorted(counts.items()))))
    spark.stop()


if __name__ == "__main__":
    main()
