"""Muon for the matrices inside the layers (momentum, made orthogonal), AdamW for everything else."""
import torch


def orthogonal(g):
    """Newton-Schulz: pushes all singular values of a stack of matrices towards one."""
    x = g.to(torch.bfloat16 if g.is_cuda else torch.float32)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).to(g.dtype)


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.01):
        super().__init__(list(params), {'lr': lr, 'momentum': momentum, 'weight_decay': weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            shapes: dict = {}
            for p in group['params']:
                if p.grad is not None:
                    shapes.setdefault(tuple(p.shape), []).append(p)
            for shape, params in shapes.items():
                for p in params:
                    if 'momentum' not in self.state[p]:
                        self.state[p]['momentum'] = torch.zeros_like(p)
                grads = [p.grad for p in params]
                kept = [self.state[p]['momentum'] for p in params]
                torch._foreach_lerp_(kept, grads, 1 - group['momentum'])
                ahead = torch._foreach_lerp(grads, kept, group['momentum'])
                change = orthogonal(torch.stack(ahead))
                scale = max(1.0, shape[0] / shape[1]) ** 0.5
                torch._foreach_mul_(params, 1 - group['lr'] * group['weight_decay'])
                torch._foreach_add_(params, list(change.unbind(0)), alpha=-group['lr'] * scale)
