"""Golden values of src/evaluate/metrics.ts, by scikit-learn and NumPy.

Run with scikit-learn and numpy installed:  python tests/golden/metrics.py
Writes tests/golden/metrics.json beside itself.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
)

BINS = 15


def ece(confidence, right):
    edges = np.linspace(0, 1, BINS + 1)
    total = 0.0
    for lo, hi in zip(edges[:-1], edges[1:]):
        inside = (confidence > lo) & (confidence <= hi)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(total)


def wilson(right, n, z=1.959963984540054):
    # The roots of (p - x)^2 = z^2 x (1 - x) / n, found as a quadratic in x.
    p = right / n
    roots = np.roots([1 + z * z / n, -(2 * p + z * z / n), p * p])
    return sorted(float(root) for root in roots)


def case(seed, n, classes, strength, keep):
    rng = np.random.default_rng(seed)
    labels = rng.choice(keep, size=n)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += strength
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    p = np.round(p, 5).astype(np.float32)
    predicted = p.argmax(1)
    everyone = list(range(classes))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=everyone, zero_division=0
    )
    present = support > 0
    right = int((labels == predicted).sum())
    clipped = np.clip(p[np.arange(n), labels].astype(np.float64), 1e-7, 1)
    normal = p.astype(np.float64) / p.astype(np.float64).sum(1, keepdims=True)
    # Rounded rows sum to 1 only within 1e-5, and scikit-learn renormalizes: agree loosely with it.
    assert abs(log_loss(labels, normal, labels=everyone) + np.log(clipped).mean()) < 1e-4
    return {
        "labels": labels.tolist(),
        "probabilities": [round(float(x), 5) for x in p.ravel()],
        "classes": [f"c{i}" for i in everyone],
        "accuracy": float(accuracy_score(labels, predicted)),
        "interval": wilson(right, n),
        "confusionMatrix": confusion_matrix(labels, predicted, labels=everyone).tolist(),
        "precision": [float(x) if ok else None for x, ok in zip(precision, present)],
        "recall": [float(x) if ok else None for x, ok in zip(recall, present)],
        "f1": [float(x) if ok else None for x, ok in zip(f1, present)],
        "n": support.tolist(),
        "macroAccuracy": float(balanced_accuracy_score(labels, predicted)),
        "macroPrecision": float(precision[present].mean()),
        "macroF1": float(f1[present].mean()),
        "ece": ece(p.max(1).astype(np.float64), labels == predicted),
        "nll": float(-np.log(clipped).mean()),
    }


cases = {
    "five": case(1, 160, 5, 1.6, [0, 1, 2, 3, 4]),
    "withoutSecondClass": case(2, 40, 3, 0.8, [0, 2]),
    "neverRight": case(3, 12, 4, -6.0, [0, 1, 2, 3]),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(cases) + "\n")
