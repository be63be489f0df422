"""The training step of GPT-2 in PyTorch, compiled: the figure that the CUDA path is measured against, on the same card.

The model is that of the variant Gpt2SmallLong: learned positions, LayerNorm, GELU by tanh, biases, tied head, causal attention by
scaled_dot_product_attention. bf16 autocast over fp32 weights, fused AdamW, gradient clipping to 1. Random tokens. Prints JSON.
"""

import argparse
import json
import math
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        batch, context, width = x.shape
        q, k, v = (
            part.view(batch, context, self.heads, width // self.heads).transpose(1, 2)
            for part in self.query_key_value(self.attention_norm(x)).split(width, dim=2)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(mixed.transpose(1, 2).reshape(batch, context, width))
        return x + self.down(F.gelu(self.up(self.feed_forward_norm(x)), approximate="tanh"))


class Model(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.tokens = nn.Embedding(options.vocabulary, options.width)
        self.positions = nn.Embedding(options.context, options.width)
        self.blocks = nn.ModuleList(Block(options.width, options.heads) for _ in range(options.layers))
        self.norm = nn.LayerNorm(options.width)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, targets):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


def main():
    parser = argparse.ArgumentParser()
    for name, value in dict(layers=12, width=768, heads=12, context=1024, vocabulary=50304, batch=64, steps=30).items():
        parser.add_argument("--" + name, type=int, default=value)
    options = parser.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("PyTorch sees no CUDA device.")

    device = torch.device("cuda")
    torch.manual_seed(1)
    torch.set_float32_matmul_precision("high")
    model = Model(options).to(device)
    step = torch.compile(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    tokens = torch.randint(options.vocabulary, (options.batch, options.context), device=device)
    targets = torch.randint(options.vocabulary, (options.batch, options.context), device=device)

    def run():
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = step(tokens, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss

    for _ in range(5):
        loss = run()
    seconds = []
    for _ in range(options.steps):
        torch.cuda.synchronize()
        began = time.perf_counter()
        loss = run()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)

    median = statistics.median(seconds)
    count = options.batch * options.context
    products = options.layers * 12 * options.width**2 + options.vocabulary * options.width
    flops = count * (6.0 * products + 6.0 * options.layers * options.width * options.context)
    print(json.dumps({
        "system": f"PyTorch {torch.__version__}, torch.compile",
        "device": torch.cuda.get_device_name(),
        "heads": options.heads,
        "vocabulary": options.vocabulary,
        "tokensPerSecond": count / median,
        "millisecondsPerStep": 1e3 * median,
        "gflops": flops / median / 1e9,
        "peakMemoryMiB": torch.cuda.max_memory_allocated() / 2**20,
        "loss": None if math.isnan(loss.item()) else loss.item(),
    }))


if __name__ == "__main__":
    main()
