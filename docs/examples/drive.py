"""Drives a run over HTTP, then goes back, edits what the critic advised, and takes that branch too.

    python3 docs/examples/drive.py "Thank Ana for the flowers" "Mention that they were tulips."

Needs nothing but Python. TPO_API is where the API is, TPO_API_KEY a key where it asks for one.
"""

import json
import os
import sys
import urllib.error
import urllib.request

API = os.environ.get("TPO_API", "http://localhost:7860")
KEY = os.environ.get("TPO_API_KEY")


def post(path, body):
    headers = {"content-type": "application/json"}
    if KEY:
        headers["authorization"] = f"Bearer {KEY}"
    request = urllib.request.Request(API + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        # Every error is a problem that says what happened and what to do.
        sys.exit(json.load(error)["detail"])


def drive(at, edit=None):
    """Takes steps until the run is over; yields each with the position before it."""
    while at["next"]:
        body = {"cursor": at["cursor"], **({"edit": edit} if edit else {})}
        before, at, edit = at, post("/v1/tpo/step", body), None
        yield before, at


def tell(at):
    step, best = at["step"], at["run"]["best"]
    if "text" in step:
        print(f"  {step['name']} {step['iteration']}: {step['text'][:90]!r}")
    elif best and step["name"] == "score":
        print(f"  score {step['iteration']}: best {best['reward']:.3f}")
    return best


question, advice = (sys.argv[1:] + ["Thank Ana for the flowers", "Mention tulips."])[:2]
fork = best = mine = None
print("As the critic advises:")
for before, at in drive(post("/v1/tpo/start", {"query": question, "iterations": 1})):
    best = tell(at)
    if before["next"]["step"] == "update":
        fork = before
print("As you advise:")
for _, at in drive(fork, {"gradient": advice}):
    mine = tell(at)
print("\n" + max(best, mine, key=lambda answer: answer["reward"])["text"])
