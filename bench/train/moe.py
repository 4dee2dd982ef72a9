"""The model of recipe.yaml in PyTorch, as one would write it there: what Moineau's training is compared with.

Reads the shape as JSON, trains on random tokens, and prints `name value` lines. Tokens are gathered by expert; gate and up
of an expert are one product; attention is scaled_dot_product_attention where PyTorch has it (from 2.0 on).
"""

import argparse
import json
import math
import resource
import time

import torch
import torch.nn.functional as F
from torch import nn


class RmsNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        if hasattr(F, "rms_norm"):
            return F.rms_norm(x, self.gain.shape, self.gain.to(x.dtype), self.eps)
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)).to(x.dtype) * self.gain


def rotate(x, cos, sin):
    """Rotary embedding over neighbouring pairs; x is [batch, heads, positions, dim]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2).to(x.dtype)


def attend(q, k, v, mask):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + mask
    return scores.softmax(-1).to(v.dtype) @ v


class LatentAttention(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.heads, self.nope, self.rope, self.value = s["heads"], s["nope"], s["rope"], s["value"]
        self.rank = s["kv_rank"]
        self.q_a = nn.Linear(s["hidden"], s["q_rank"], bias=False)
        self.q_norm = RmsNorm(s["q_rank"], s["eps"])
        self.q_b = nn.Linear(s["q_rank"], self.heads * (self.nope + self.rope), bias=False)
        self.kv_a = nn.Linear(s["hidden"], self.rank + self.rope, bias=False)
        self.kv_norm = RmsNorm(self.rank, s["eps"])
        self.kv_b = nn.Linear(self.rank, self.heads * (self.nope + self.value), bias=False)
        self.out = nn.Linear(self.heads * self.value, s["hidden"], bias=False)
        angle = torch.outer(
            torch.arange(s["context"]).float(), s["theta"] ** (-torch.arange(0, self.rope, 2).float() / self.rope)
        )
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())
        self.register_buffer("mask", torch.full((s["context"], s["context"]), -math.inf).triu(1))

    def forward(self, x):
        n, t, _ = x.shape
        q = self.q_b(self.q_norm(self.q_a(x))).view(n, t, self.heads, -1).transpose(1, 2)
        latent, rotary = self.kv_a(x).split((self.rank, self.rope), -1)
        kv = self.kv_b(self.kv_norm(latent)).view(n, t, self.heads, -1).transpose(1, 2)
        k_nope, v = kv.split((self.nope, self.value), -1)
        q_nope, q_rope = q.split((self.nope, self.rope), -1)
        q_rope = rotate(q_rope, self.cos, self.sin)
        k_rope = rotate(rotary.unsqueeze(1), self.cos, self.sin).expand(-1, self.heads, -1, -1)
        q, k = torch.cat((q_nope, q_rope), -1), torch.cat((k_nope, k_rope), -1)
        return self.out(attend(q, k, v, self.mask).transpose(1, 2).reshape(n, t, -1))


class SwiGlu(nn.Module):
    def __init__(self, hidden, width):
        super().__init__()
        self.gate_up = nn.Linear(hidden, 2 * width, bias=False)
        self.down = nn.Linear(width, hidden, bias=False)

    def forward(self, x):
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)


class Experts(nn.Module):
    """Shared and routed experts; a bias that takes part in the choice only keeps the balance."""

    def __init__(self, s):
        super().__init__()
        self.used = s["used"]
        self.router = nn.Linear(s["hidden"], s["experts"], bias=False)
        self.experts = nn.ModuleList(SwiGlu(s["hidden"], s["expert_width"]) for _ in range(s["experts"]))
        self.shared = SwiGlu(s["hidden"], s["shared_width"])
        self.register_buffer("bias", torch.zeros(s["experts"]))
        self.register_buffer("load", torch.zeros(s["experts"]))

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        scores = self.router(flat).float().sigmoid()
        chosen = (scores.detach() + self.bias).topk(self.used, -1).indices
        weights = scores.gather(-1, chosen)
        weights = weights / weights.sum(-1, keepdim=True)
        order = chosen.flatten().argsort()
        counts = torch.bincount(chosen.flatten(), minlength=len(self.experts))
        self.load += counts
        out = self.shared(flat)
        for expert, rows in zip(self.experts, order.split(counts.tolist())):
            token = rows // self.used
            y = expert(flat.index_select(0, token)) * weights.flatten()[rows].unsqueeze(-1)
            out = out.index_add(0, token, y.to(out.dtype))
        return out.view_as(x)

    @torch.no_grad()
    def balance(self, speed):
        self.bias += speed * (self.load.mean() - self.load).sign()
        self.load.zero_()


class Layer(nn.Module):
    def __init__(self, s, dense):
        super().__init__()
        self.attn_norm, self.ffn_norm = RmsNorm(s["hidden"], s["eps"]), RmsNorm(s["hidden"], s["eps"])
        self.attention = LatentAttention(s)
        self.ffn = SwiGlu(s["hidden"], s["dense_width"]) if dense else Experts(s)

    def forward(self, x):
        x = x + self.attention(self.attn_norm(x))
        return x + self.ffn(self.ffn_norm(x))


class Model(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.embedding = nn.Embedding(s["vocabulary"], s["hidden"])
        self.layers = nn.ModuleList(Layer(s, i < s["dense_layers"]) for i in range(s["layers"]))
        self.norm = RmsNorm(s["hidden"], s["eps"])
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.5 / math.sqrt(s["hidden"]))

    def loss(self, tokens, targets):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        logits = F.linear(self.norm(x), self.embedding.weight)
        return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--warmup", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--bfloat16", action="store_true", help="products under autocast")
    args = parser.parse_args()
    with open(args.shape, encoding="utf-8") as file:
        s = json.load(file)
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    model = Model(s)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    gains = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": gains, "weight_decay": 0.0}],
        lr=1e-3,
        betas=(0.9, 0.95),
    )
    rows = s["micro_batch"] // s["context"]
    parts = s["batch"] // s["micro_batch"]
    seconds, losses = [], []
    for step in range(args.warmup + args.steps):
        begin = time.perf_counter()
        total = 0.0
        for _ in range(parts):
            text = torch.randint(s["vocabulary"], (rows, s["context"] + 1))
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16):
                loss = model.loss(text[:, :-1], text[:, 1:]) / parts
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        for layer in model.layers:
            if isinstance(layer.ffn, Experts):
                layer.ffn.balance(1e-3)
        if step >= args.warmup:
            seconds.append(time.perf_counter() - begin)
        losses.append(total)
    print("parameters", sum(p.numel() for p in model.parameters()))
    print("tokens_per_second", s["batch"] / sorted(seconds)[len(seconds) // 2])
    print("first_loss", losses[0])
    print("peak_bytes", 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print("version", torch.__version__)


main()
