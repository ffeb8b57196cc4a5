"""系统运行: what works behind the pages and how it fares, for the administrator and for the machines that watch.

The page of background work (`/jobs`), whether the portal is alive and ready (`/healthz`, `/readyz`), and its figures
(`/metrics`).
"""
