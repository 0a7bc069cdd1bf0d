"""What the kill matrix runs: the command of each job, the cluster that it begins on, and the state that it leads to."""
import dataclasses


class Broken(Exception):
    """A promise that was not kept."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One command on one kind of cluster."""
    words: tuple
    # How the sandbox begins.
    start: tuple = ()
    # What Azure shows of KMS at the end: its mode, or "platform" for Azure's own key.
    target: str = "Private"
    vault: str = "Enabled"
    # Whether the cluster is on the new KMS experience at the end.
    is_new: bool = False
    # Whether KMS is off for a time, so that Secrets are plaintext: the legacy KMS changes its mode in no other way.
    passes_plaintext: bool = False
    makes_version: bool = False
    # Points that stand for all, each with the way that is taken after it.
    smoke: tuple = ()

    @property
    def begins_anew(self):
        """A record that only the cluster has is not believed: resume refuses, make-safe ends the run."""
        return not self.passes_plaintext


SOAK = ("--soak", "60")
# Azure looks for a new version after five of its minutes, not six hours.
QUICK = ("--rotation-seconds", "300")

JOBS = {
    "private": Job(("switch", "--private", *SOAK), vault="Disabled", passes_plaintext=True),
    "public": Job(("switch", "--public", *SOAK), ("--mode", "Private"), target="Public", passes_plaintext=True),
    "new-private": Job(
        ("switch", "--private", *SOAK), ("--mode", "CustomerPublic"), vault="Disabled", is_new=True,
        smoke=(("vault-patch-answered#1", "resume"), ("arm-put-answered#1", "make-safe"),
               ("vault-patch-answered#2", "resume"))),
    "new-public": Job(
        ("switch", "--public", *SOAK), ("--mode", "CustomerPrivate"), target="Public", is_new=True,
        smoke=(("arm-put-send#1", "resume"),)),
    "new-private-via": Job(
        ("switch", "--private", "--via-platform-key", *SOAK), ("--mode", "CustomerPublic"), vault="Disabled",
        is_new=True,
        smoke=(("arm-put-send#2", "resume"),)),
    "rotate": Job(
        ("rotate", "--new-version"), target="Public", makes_version=True,
        smoke=(("key-rotate-answered#1", "resume"), ("arm-put-send#1", "make-safe"), ("arm-put-answered#1", "resume"))),
    "rotate-new": Job(
        ("rotate", "--new-version"), ("--mode", "CustomerPublic", *QUICK), target="Public", is_new=True,
        makes_version=True,
        smoke=(("key-rotate-answered#1", "make-safe"), ("kube-probe-annotate-answered#140", "resume"))),
    "migrate-platform": Job(
        ("migrate", "--platform-managed"), target="platform", is_new=True,
        smoke=(("arm-put-answered#1", "resume"),)),
    "migrate-customer": Job(
        ("migrate", "--customer-managed"), target="Public", is_new=True,
        smoke=(("secret-touch-answered#100", "make-safe"),)),
    "migrate-platform-private": Job(
        ("migrate", "--platform-managed"), ("--mode", "Private"), target="platform", vault="Disabled", is_new=True),
    "migrate-customer-private": Job(
        ("migrate", "--customer-managed"), ("--mode", "Private"), vault="Disabled", is_new=True),
}


def bare(key):
    """A key's id without its version."""
    return "/".join(key.split("/")[:5])


def encrypts(kms, profile):
    """Whether Azure shows a key for Secrets: the vault's, or its own."""
    return kms.get("enabled") or bool(profile)


def stored_key(applied):
    """How the sandbox counts what the API servers store now."""
    return ("v2-plus:" if applied.get("plugin") == "v2-plus" else "") + applied.get("keyId", "")


def check_never_plaintext(state):
    """What holds at every moment of a job that never turns KMS off."""
    if state["storedSecrets"]["plaintext"]:
        raise Broken(f"Secrets are plaintext: {state['storedSecrets']}")
    if state["legacyPutsOnNewExperience"]:
        raise Broken(f"{state['legacyPutsOnNewExperience']} updates of the legacy KMS reached the new experience")


def check_target(job, env, state, kms, profile, access):
    """Whether the job arrived, by what Azure shows and by the keys in storage."""
    shown = (("platform" if not kms.get("enabled") and profile else kms.get("keyVaultNetworkAccess")), access)
    if shown != (job.target, job.vault):
        raise Broken(f"not the target {(job.target, job.vault)}: {kms}, the vault is {access}")
    if bool(profile) != job.is_new:
        raise Broken(f"{'not ' if job.is_new else ''}on the new KMS experience: {profile}")
    key, applied = kms.get("keyId", ""), state["appliedProfile"].get("keyId", "")
    if job.target != "platform" and (bare(key) != bare(env["KEY_ID"]) or (key == bare(key)) != job.is_new):
        raise Broken(f"another key: {kms}")
    wanted_vault = env["KEY_VAULT_RESOURCE_ID"] if job.is_new or job.target == "Private" else ""
    if job.target != "platform" and kms.get("keyVaultResourceId", "").lower() != wanted_vault.lower():
        raise Broken(f"another vault: {kms}")
    if job.target != "platform" and (applied == env["KEY_ID"]) == job.makes_version:
        raise Broken(f"the API servers use {applied}")
