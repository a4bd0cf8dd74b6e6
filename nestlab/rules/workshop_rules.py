"""Rules whose findings are those of workshops: seats on several hosts."""

from __future__ import annotations

from nestlab.rules.rule import NESTLAB, Rule, Scope

RULES_OF_WORKSHOPS: tuple[Rule, ...] = (
    Rule(
        code="seat-over-quota",
        severity="warning",
        looks_at=(Scope.PLAN,),
        meaning="A seat of a workshop needs more than the quota of the workshop file.",
        why="Seats that need more than was agreed leave too little for others on the hosts.",
        fix="Raise the quota, or make the topology smaller.",
        example="quota: {memory: 6GB}, and the VMs of a seat start with 8 GB",
        source=NESTLAB,
    ),
    Rule(
        code="workshop-host-silent",
        severity="error",
        looks_at=(Scope.PLAN,),
        meaning="A host of a workshop does not answer, or refuses access.",
        why="No seat can be placed on it, and seats that are on it are not known.",
        fix="Resolve the error of the host, or remove the host from the file; then plan again.",
        example="hosts: [winrms://hv01, winrms://hv02], and hv02 is off",
        source=NESTLAB,
    ),
    Rule(
        code="seat-not-in-file",
        severity="warning",
        looks_at=(Scope.PLAN,),
        meaning="A host has objects of a seat of the workshop that its file does not name.",
        why="A seat that was renamed is built a second time under its new name, and its learner loses what was done; both have the same networks.",
        fix="Give the seat its old name again; or remove it with nestlab workshop down while the file has that name, then rename it.",
        example="nestlab:nat-day-grace in the Notes of a VM on hv01, and names: [ada, gracie]",
        source=NESTLAB,
    ),
    Rule(
        code="seat-on-two-hosts",
        severity="error",
        looks_at=(Scope.PLAN,),
        meaning="Objects of one seat are on two hosts of the workshop.",
        why="Which of the two the learner uses is not known, and each takes memory and disk space.",
        fix="Remove the seat from one of the hosts, then plan again.",
        example="nestlab:nat-day-seat01 in the Notes of a VM on hv01, and of one on hv02",
        source=NESTLAB,
    ),
)
