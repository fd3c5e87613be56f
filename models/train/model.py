"""A Llama in plain PyTorch, with the parameter names of Hugging Face's, for training and sampling."""
import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

PAD, BOS, END, SYSTEM, USER, ASSISTANT = range(6)


@dataclass(frozen=True)
class Shape:
    vocab: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    inner: int
    context: int = 2048
    theta: float = 10000.0
    eps: float = 1e-5


def policy_shape(vocab: int) -> Shape:
    return Shape(vocab, hidden=384, layers=6, heads=6, kv_heads=2, inner=1024)


def reward_shape(vocab: int) -> Shape:
    return Shape(vocab, hidden=256, layers=4, heads=4, kv_heads=2, inner=704)


class Norm(nn.Module):
    def __init__(self, width: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        y = x.float()
        y = y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + self.eps)
        return (y * self.weight).to(x.dtype)


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Attention(nn.Module):
    def __init__(self, s: Shape):
        super().__init__()
        self.heads, self.kv_heads, self.size = s.heads, s.kv_heads, s.hidden // s.heads
        self.q_proj = nn.Linear(s.hidden, s.heads * self.size, bias=False)
        self.k_proj = nn.Linear(s.hidden, s.kv_heads * self.size, bias=False)
        self.v_proj = nn.Linear(s.hidden, s.kv_heads * self.size, bias=False)
        self.o_proj = nn.Linear(s.heads * self.size, s.hidden, bias=False)

    def split(self, x, cos, sin):
        b, t, _ = x.shape
        q = self.q_proj(x).view(b, t, self.heads, self.size).transpose(1, 2)
        k = self.k_proj(x).view(b, t, self.kv_heads, self.size).transpose(1, 2)
        v = self.v_proj(x).view(b, t, self.kv_heads, self.size).transpose(1, 2)
        return rotate(q, cos, sin).to(v.dtype), rotate(k, cos, sin).to(v.dtype), v

    def join(self, y):
        b, _, t, _ = y.shape
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1))

    def wide(self, k):
        return k.repeat_interleave(self.heads // self.kv_heads, dim=1)

    def forward(self, x, cos, sin):
        q, k, v = self.split(x, cos, sin)
        return self.join(F.scaled_dot_product_attention(q, self.wide(k), self.wide(v), is_causal=True)), k, v

    def step(self, x, cos, sin, cache, at, mask):
        q, k, v = self.split(x, cos, sin)
        rows = torch.arange(x.shape[0], device=x.device)
        cache[0][rows, :, at] = k[:, :, 0].to(cache[0].dtype)
        cache[1][rows, :, at] = v[:, :, 0].to(cache[1].dtype)
        b = x.shape[0]
        # Queries of one key head stand together, so that no key is copied.
        q = q.view(b, self.kv_heads, self.heads // self.kv_heads, self.size)
        y = F.scaled_dot_product_attention(q, cache[0], cache[1], attn_mask=mask)
        return self.o_proj(y.reshape(b, 1, -1))


class Mlp(nn.Module):
    def __init__(self, s: Shape):
        super().__init__()
        self.gate_proj = nn.Linear(s.hidden, s.inner, bias=False)
        self.up_proj = nn.Linear(s.hidden, s.inner, bias=False)
        self.down_proj = nn.Linear(s.inner, s.hidden, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, s: Shape):
        super().__init__()
        self.input_layernorm = Norm(s.hidden, s.eps)
        self.self_attn = Attention(s)
        self.post_attention_layernorm = Norm(s.hidden, s.eps)
        self.mlp = Mlp(s)

    def forward(self, x, cos, sin):
        y, k, v = self.self_attn(self.input_layernorm(x), cos, sin)
        x = x + y
        return x + self.mlp(self.post_attention_layernorm(x)), k, v

    def step(self, x, cos, sin, cache, at, mask):
        x = x + self.self_attn.step(self.input_layernorm(x), cos, sin, cache, at, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, s: Shape):
        super().__init__()
        self.shape = s
        self.embed_tokens = nn.Embedding(s.vocab, s.hidden)
        self.layers = nn.ModuleList(Layer(s) for _ in range(s.layers))
        self.norm = Norm(s.hidden, s.eps)
        size = s.hidden // s.heads
        angles = torch.arange(s.context).float()[:, None] * (s.theta ** -(torch.arange(0, size, 2).float() / size))[None]
        self.register_buffer('cos', angles.cos(), persistent=False)
        self.register_buffer('sin', angles.sin(), persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * s.layers) if 'o_proj' in name or 'down_proj' in name else 0.02)

    def forward(self, tokens):
        """Hidden states; padding stands on the right, so the causal order alone keeps it out."""
        t = tokens.shape[1]
        cos, sin = self.cos[:t], self.sin[:t]
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x, _, _ = layer(x, cos, sin)
        return self.norm(x)

    def prefill(self, tokens, room):
        b, t = tokens.shape
        cos, sin = self.cos[:t], self.sin[:t]
        x = self.embed_tokens(tokens)
        caches = []
        for layer in self.layers:
            x, k, v = layer(x, cos, sin)
            pair = [torch.zeros(b, k.shape[1], t + room, k.shape[3], dtype=torch.bfloat16 if x.is_cuda else k.dtype, device=x.device) for _ in range(2)]
            pair[0][:, :, :t], pair[1][:, :, :t] = k, v
            caches.append(pair)
        return self.norm(x), caches

    def step(self, token, at, caches):
        cos, sin = self.cos[at][:, None, None], self.sin[at][:, None, None]
        mask = (torch.arange(caches[0][0].shape[2], device=token.device)[None] <= at[:, None])[:, None, None]
        x = self.embed_tokens(token)[:, None]
        for layer, cache in zip(self.layers, caches):
            x = layer.step(x, cos, sin, cache, at, mask)
        return self.norm(x)[:, 0]

    def logits(self, hidden):
        return F.linear(hidden, self.embed_tokens.weight.to(hidden.dtype))


class Reward(nn.Module):
    """One number from the last token; the other heads only help training and are not saved."""

    def __init__(self, s: Shape, aux: int):
        super().__init__()
        self.model = Llama(s)
        self.score = nn.Linear(s.hidden, 1, bias=False)
        self.aux = nn.Linear(s.hidden, aux)
        nn.init.normal_(self.score.weight, std=0.02)


def config_of(s: Shape) -> dict:
    return {
        'model_type': 'llama', 'vocab_size': s.vocab, 'hidden_size': s.hidden, 'intermediate_size': s.inner, 'num_hidden_layers': s.layers, 'num_attention_heads': s.heads,
        'num_key_value_heads': s.kv_heads, 'head_dim': s.hidden // s.heads, 'max_position_embeddings': s.context, 'rms_norm_eps': s.eps, 'rope_theta': s.theta, 'hidden_act': 'silu',
        'attention_bias': False, 'mlp_bias': False, 'attention_dropout': 0.0, 'initializer_range': 0.02, 'pad_token_id': PAD, 'bos_token_id': BOS, 'eos_token_id': END, 'torch_dtype': 'float16', 'use_cache': True,
    }


def save(folder: Path, config: dict, tensors: dict, shard_bytes: int = 15_000_000) -> None:
    """Hugging Face layout: one file, or shards with an index."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().to('cpu', torch.float16).contiguous() for name, tensor in tensors.items()}
    (folder / 'config.json').write_text(json.dumps(config, indent=2) + '\n')
    total = sum(t.numel() * 2 for t in tensors.values())
    shards: list[dict] = [{}]
    used = 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 2
        if used + size > min(shard_bytes, total * 0.55 if total > shard_bytes else shard_bytes):
            shards.append({})
            used = 0
        shards[-1][name] = tensor
        used += size
    if len(shards) == 1:
        save_file(shards[0], folder / 'model.safetensors', metadata={'format': 'pt'})
        return
    where = {}
    for i, shard in enumerate(shards):
        name = f'model-{i + 1:05d}-of-{len(shards):05d}.safetensors'
        save_file(shard, folder / name, metadata={'format': 'pt'})
        where.update({key: name for key in shard})
    (folder / 'model.safetensors.index.json').write_text(json.dumps({'metadata': {'total_size': total}, 'weight_map': where}, indent=2) + '\n')


def load(folder: Path, device: str):
    """The model of a saved folder, in full precision: a Llama or a Reward."""
    from safetensors.torch import load_file

    config = json.loads((folder / 'config.json').read_text())
    s = Shape(config['vocab_size'], config['hidden_size'], config['num_hidden_layers'], config['num_attention_heads'], config['num_key_value_heads'], config['intermediate_size'])
    tensors = {}
    for file in sorted(folder.glob('*.safetensors')):
        tensors.update(load_file(file))
    tensors = {name: t.float() for name, t in tensors.items()}
    if 'score.weight' in tensors:
        model = Reward(s, 1)
        model.load_state_dict(tensors, strict=False)
    else:
        model = Llama(s)
        model.load_state_dict({name.removeprefix('model.'): t for name, t in tensors.items()}, strict=False)
    return model.to(device)
