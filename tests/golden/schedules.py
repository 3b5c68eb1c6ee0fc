"""Golden learning rates of the warm-up and half cosine, by the formula in float64 and by Keras's CosineDecay.

    python tests/golden/schedules.py      # rewrites tests/golden/schedules.json
"""

import json
import math
import pathlib

import keras


def rate(step, peak, least, warmup, total):
    if step < warmup:
        return peak * step / warmup
    progress = min(1, (step - warmup) / max(1, total - warmup))
    return least + 0.5 * (peak - least) * (1 + math.cos(math.pi * progress))


def case(peak, least, warmup_epochs, steps_per_epoch, total):
    warmup = int(warmup_epochs * steps_per_epoch)
    theirs = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else peak, decay_steps=max(1, total - warmup), alpha=least / peak,
        warmup_target=peak if warmup else None, warmup_steps=warmup)
    steps = sorted({0, 1, warmup // 2, warmup - 1, warmup, warmup + 1, (warmup + total) // 2, total - 1, total, total + 10})
    steps = [step for step in steps if step >= 0]
    rates = [rate(step, peak, least, warmup, total) for step in steps]
    for step, value in zip(steps, rates):
        # Keras computes in float32.
        assert abs(float(theirs(step)) - value) <= 2e-6 * peak, (step, float(theirs(step)), value)
    return {"learningRate": peak, "minLearningRate": least, "warmupEpochs": warmup_epochs,
            "stepsPerEpoch": steps_per_epoch, "totalSteps": total, "steps": steps, "rates": rates}


cases = [
    case(1e-4, 1e-7, 5, 40, 6000),
    case(1e-3, 0.0, 1, 7, 70),
    case(0.5, 0.1, 0, 10, 100),
    case(3e-3, 3e-5, 0.5, 9, 45),
]
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"keras": keras.__version__, "cases": cases}, indent=1) + "\n")
