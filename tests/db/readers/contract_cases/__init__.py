"""For every rule of the metric contract the rows that break it."""

from tests.db.readers.contract_cases import experiments, quality, records, reports, serving

CASES = serving.CASES | quality.CASES | records.CASES | experiments.CASES | reports.CASES
