"""Random classifiers on a GPU, and what transformers computes with them and how fast.

    python3 tests/gpu/make_models.py parity OUT   a small one of each family, with expected logits
    python3 tests/gpu/make_models.py speed OUT    8B- and 0.6B-shaped ones, with transformers' times

Needs torch with CUDA, transformers and safetensors. tests/gpu/README.md says how the results are used.
"""

import json
import shutil
import statistics
import sys
import time
from pathlib import Path

import torch
import transformers

FIXTURES = Path(__file__).parent.parent / "fixtures"


def random_ids(seed, length, vocabulary):
    """The same as `randomIds` of models.ts."""
    ids, state = [], seed
    for _ in range(length):
        state = (state * 1103515245 + 12345) % 2**31
        ids.append((state >> 8) % vocabulary)
    return ids


def make(model_type, folder, **config):
    """A classifier with random weights in bfloat16, saved with a tokenizer that nothing here uses."""
    torch.manual_seed(1)
    # 0 pads in config.json, and no sequence here ends in it.
    config = transformers.AutoConfig.for_model(
        model_type, num_labels=1, pad_token_id=0, use_cache=False, **config
    )
    with torch.device("cuda"), torch.no_grad():
        model = transformers.AutoModelForSequenceClassification.from_config(
            config, dtype=torch.bfloat16, attn_implementation="sdpa" if "gemma2" != model_type else "eager"
        )
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.normal_(0 if "gemma" in model_type else 1, 0.1)
            elif "bias" in name or "score" in name:
                weight.normal_(0, 0.1)
            else:
                weight.normal_(0, 0.02 if config.hidden_size > 512 else 0.06)
    model.save_pretrained(folder, max_shard_size="2GB")
    for name in ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]:
        source = FIXTURES / "tiny-reward-fp32" / name
        if source.exists():
            shutil.copy(source, folder / name)
    return model.eval()


def load(folder, dtype):
    eager = json.loads((folder / "config.json").read_text())["model_type"] == "gemma2"
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=dtype, attn_implementation="eager" if eager else "sdpa"
    )
    return model.to("cuda").eval()


@torch.inference_mode()
def logits(model, sequences):
    """One by one, so that nothing is padded."""
    return [float(model(torch.tensor([ids], device="cuda")).logits[0, 0]) for ids in sequences]


COMMON = dict(hidden_size=256, intermediate_size=512, num_hidden_layers=4, vocab_size=384)
HEADS = dict(num_attention_heads=8, num_key_value_heads=2)
FAMILIES = {
    "llama": dict(COMMON, **HEADS, head_dim=64),
    "mistral": dict(COMMON, **HEADS, head_dim=128, sliding_window=100),
    "qwen2": dict(COMMON, num_attention_heads=4, num_key_value_heads=2),
    "qwen3": dict(COMMON, **HEADS, head_dim=128),
    "gemma2": dict(COMMON, **HEADS, head_dim=256, query_pre_attn_scalar=256, sliding_window=100),
    "gemma3_text": dict(
        COMMON, **HEADS, head_dim=128, query_pre_attn_scalar=128, sliding_window=100
    ),
}


def parity(out):
    torch.backends.cuda.matmul.allow_tf32 = False
    prompt = random_ids(7, 300, 384)
    shared = [prompt + random_ids(100 + n, n, 384) for n in [1, 64, 130, 212, 400]]
    apart = [random_ids(200 + n, n, 384) for n in [1, 2, 31, 128, 129, 256, 384, 700]]
    sequences = [ids[:-1] + [5 + ids[-1] % 300] for ids in shared + apart]
    for family, config in FAMILIES.items():
        folder = out / family
        make(family, folder, max_position_embeddings=2048, **config)
        # Loaded again, rotations are those of a real model and not rounded to bfloat16.
        bfloat16 = logits(load(folder, torch.bfloat16), sequences)
        float32 = logits(load(folder, torch.float32), sequences)
        expected = [
            dict(ids=ids, float32=exact, bfloat16=rounded)
            for ids, exact, rounded in zip(sequences, float32, bfloat16)
        ]
        (folder / "expected.json").write_text(json.dumps(expected))
        print(family, "float32", [round(value, 3) for value in float32[:4]], flush=True)


SHAPES = {
    "8b": dict(
        model_type="llama", hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
        num_attention_heads=32, num_key_value_heads=8, head_dim=128, vocab_size=128256,
        rms_norm_eps=1e-5, rope_parameters=dict(rope_type="default", rope_theta=500000.0),
    ),
    "0.6b": dict(
        model_type="qwen3", hidden_size=1024, intermediate_size=3072, num_hidden_layers=28,
        num_attention_heads=16, num_key_value_heads=8, head_dim=128, vocab_size=151936,
        rms_norm_eps=1e-6, rope_parameters=dict(rope_type="default", rope_theta=1000000.0),
    ),
}  # fmt: skip


@torch.inference_mode()
def milliseconds(forward, runs=6):
    """Median, logits on the host included."""
    times = []
    for run in range(runs + 2):
        began = time.perf_counter()
        forward()
        torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(times[2:]), 2)


def speed(out, names):
    for name in names:
        shape = SHAPES[name]
        vocabulary = shape["vocab_size"]
        began = time.perf_counter()
        config = {key: value for key, value in shape.items() if key != "model_type"}
        model = make(shape["model_type"], out / name, max_position_embeddings=8192, **config)
        print(name, "made in", round(time.perf_counter() - began, 1), "s", flush=True)

        def forward(rows, batched=True):
            tensor = torch.tensor(rows, device="cuda")
            return lambda: model(tensor).logits.float().cpu()

        def one_by_one(sequences):
            runs = [forward([ids]) for ids in sequences]
            return lambda: [run() for run in runs]

        prompt = random_ids(7, 512, vocabulary)
        ragged = [
            prompt + random_ids(100 + place, length, vocabulary)
            for place, length in enumerate([128, 256, 512, 768, 1024])
        ]
        even = [prompt + random_ids(100 + place, 512, vocabulary) for place in range(5)]
        apart = [random_ids(100 + place, 1024, vocabulary) for place in range(5)]
        times = {
            "1x1024": milliseconds(forward(apart[:1])),
            "5x1024": milliseconds(forward(apart)),
            "512+5x512": milliseconds(forward(even)),
            "512+(128..1024)": milliseconds(one_by_one(ragged)),
        }
        (out / name / "transformers.json").write_text(json.dumps(times))
        print(name, "transformers", transformers.__version__, times, flush=True)
        del model
        torch.cuda.empty_cache()


if __name__ == "__main__":
    what, out = sys.argv[1], Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    if what == "parity":
        parity(out)
    else:
        speed(out, sys.argv[3:] or list(SHAPES))
