"""
How fast a 70B policy can write on this card at most: the matrix products of Llama-3's 70B shape in
FP8, timed, and the time to read keys and values, at the rate at which the card reads weights. No weights
are needed. A served model is slower: attention's own work, norms, sampling and scheduling come on
top. Prints JSON; docs/scaling.md reckons with it.

    python3 tests/gpu/policy_floor.py > tests/gpu/policy-floor.json
"""

import datetime
import json

import torch

HIDDEN, MIDDLE, LAYERS, VOCABULARY = 8192, 28672, 80, 128256
HEADS, KV_HEADS, HEAD = 64, 8, 128
# Of each product: inputs, outputs.
PRODUCTS = {
    "qkv": (HIDDEN, (HEADS + 2 * KV_HEADS) * HEAD),
    "out": (HEADS * HEAD, HIDDEN),
    "gate_up": (HIDDEN, 2 * MIDDLE),
    "down": (MIDDLE, HIDDEN),
}
# Layers whose weights take turns, so that none stays in the cache.
TURNS = 4
KV_BYTES_PER_TOKEN = LAYERS * 2 * KV_HEADS * HEAD * 2


def milliseconds(work, rounds=30):
    """Median of `work`, replayed as a graph."""
    for _ in range(3):
        work()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    times = []
    for _ in range(rounds):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end))
    return sorted(times)[len(times) // 2]


def fp8(rows, columns):
    return (torch.randn(rows, columns, device="cuda") * 0.1).to(torch.float8_e4m3fn)


def main():
    one = torch.ones((), device="cuda")
    weights = {
        name: [fp8(outputs, inputs).t() for _ in range(TURNS)]
        for name, (inputs, outputs) in PRODUCTS.items()
    }
    head = torch.randn(VOCABULARY, HIDDEN, device="cuda", dtype=torch.bfloat16).t()

    def layers_ms(rows):
        """All 80 layers' products for so many tokens at a time."""
        given = {name: fp8(rows, inputs) for name, (inputs, _) in PRODUCTS.items()}

        def work():
            for turn in range(TURNS):
                for name, turns in weights.items():
                    torch._scaled_mm(
                        given[name], turns[turn], scale_a=one, scale_b=one, out_dtype=torch.bfloat16
                    )

        return milliseconds(work) * LAYERS / TURNS

    def head_ms(rows):
        given = torch.randn(rows, HIDDEN, device="cuda", dtype=torch.bfloat16)
        return milliseconds(lambda: given @ head)

    # At few tokens a product takes as long as reading its weights: the card's rate of reading.
    layer_bytes = sum(inputs * outputs for inputs, outputs in PRODUCTS.values())
    terabytes = layer_bytes * LAYERS / layers_ms(16) / 1e9

    steps = {}
    for rows in (16, 32, 64, 128, 256, 512):
        products = layers_ms(rows) + head_ms(rows)
        steps[rows] = {
            "products_ms": round(products, 2),
            "tokens_per_second": {
                context: round(
                    rows / (products + rows * context * KV_BYTES_PER_TOKEN / terabytes / 1e9) * 1000
                )
                for context in (500, 1000, 2000)
            },
        }
    prefill = {rows: round(rows / layers_ms(rows) * 1000) for rows in (2048, 8192)}
    name = torch.cuda.get_device_name()
    print(
        json.dumps(
            {
                "date": datetime.date.today().isoformat(),
                "hardware": f"{name}, torch {torch.__version__}",
                "about": "Llama-3 70B shape, FP8 weights and activations, one card; keys and values in bfloat16",
                "readTBps": round(terabytes, 2),
                "decode": steps,
                "prefillTokensPerSecond": prefill,
                "kvBytesPerToken": KV_BYTES_PER_TOKEN,
                "weightGB": round(
                    (layer_bytes * LAYERS + 4 * VOCABULARY * HIDDEN) / 1e9, 1
                ),
            },
            indent=1,
        )
    )


main()
