"""How long Secrets are plaintext during a switch, beside what Azure's own operations take of it."""
import json
import subprocess
import sys

from rig import Rig
from whole import Step, azure_seconds


def measure(options, folder):
    seconds = str(options.operation_seconds)
    with Rig(folder, options, 0, replicas=2, name="e", scale="1", more=["--operation-seconds", seconds]) as rig:
        v = rig.values
        log = rig.folder / "switch.log"
        with open(log, "w") as errors:
            step = Step([rig.plugin, "switch", "--private", "--yes", "-g", v["RESOURCE_GROUP"], "--name",
                         v["CLUSTER_NAME"], "-o", "json"], env=rig.env, stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=errors)
            answer = step.child.stdout.read()
            step.end_any()
        if step.child.returncode:
            sys.exit(f"script/bench: the switch ended with {step.child.returncode}: {answer.decode()[-2000:]}"
                     f"\n{log.read_text()[-2000:]}")
        report = json.loads(answer)
        state = rig.azure("GET", "/sandbox/state", token=False)
        journal = next((rig.folder / "state").rglob("*.json"))
    if state["storedSecrets"]["plaintext"] or len(state["operations"]) != 2:
        sys.exit(f"script/bench: this run proves nothing: {state['storedSecrets']}, {state['operations']}")
    receipts = json.loads(journal.read_text())["receipts"]
    off = receipts["changes"][0]
    window_end = (off.get("acceptedAt") or off["sentAt"]) + report["exposure"]["seconds"] + 0.01
    # Azure's own time in the window: both operations, and the answer to the request that turns KMS on.
    on = receipts["changes"][-1]
    return {
        "window": report["exposure"]["seconds"], "operations": azure_seconds(state),
        "answer": on["acceptedAt"] - on["sentAt"],
        # The verifying pass comes after the window.
        "passes": sum(p["endedAt"] - p["startedAt"] for p in receipts["passes"]
                      if p["epoch"] > 0 and p["endedAt"] <= window_end),
        "receipts": receipts, "azure": state["operations"]}


def table(result, options):
    """The window, and what of it is neither Azure's nor the passes'; wanted are at most 30 s of that."""
    azure = result["operations"] + result["answer"]
    rest = result["window"] - azure - result["passes"]
    return "\n".join([
        "| Secrets | an operation | window | Azure's own time in it | passes | the rest |", "|---|---|---|---|---|---|",
        f"| {options.secrets:,} | {options.operation_seconds:g} s | {result['window']:.1f} s | {azure:.1f} s"
        f" | {result['passes']:.1f} s | {rest:.1f} s (wanted: at most 30) |"])
