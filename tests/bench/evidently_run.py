"""Evidently's ClassificationQuality over a parquet file, run by bench_quality.py.

python evidently_run.py FILE prints the seconds of each of three runs as a JSON list: reading the
file and importing Evidently are left out.
"""

import json
import sys
import time
import warnings

warnings.simplefilter("ignore")

import pandas as pd  # noqa: E402
from evidently import BinaryClassification, DataDefinition, Dataset, Report  # noqa: E402
from evidently.presets import ClassificationQuality  # noqa: E402


def main() -> None:
    """Run and print."""
    rows = pd.read_parquet(sys.argv[1])
    kind = BinaryClassification(
        target="label", prediction_labels="decision", prediction_probas="score"
    )
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        dataset = Dataset.from_pandas(rows, DataDefinition(classification=[kind]))
        Report([ClassificationQuality()]).run(dataset, None)
        seconds.append(time.perf_counter() - begun)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
