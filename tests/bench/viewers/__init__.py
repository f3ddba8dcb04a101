"""People in front of a Streamlit server, without their browsers: as many as are asked for.

`python -m tests.bench.viewers --address http://localhost:8501 --viewers 50 --page quality` opens
them on a server that runs already; `tests.bench.bench_viewers` measures with them.
"""
