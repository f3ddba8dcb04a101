"""What Citus does not do with a statement, or does only by pulling raw rows to one place.

The rules are those of Citus' own documentation ("SQL Support and Workarounds", 11.3 to 13) for
queries that touch more than one shard, which those over any of our distributed tables are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

#: (schema, table) to the column its rows are spread by.
Spread = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Finding:
    """Something that a statement does.

    Attributes:
        what: a sentence's worth of it.
        refused: Citus raises an error; else it runs, with raw rows pulled to the coordinator.
    """

    what: str
    refused: bool = True


@dataclass(frozen=True)
class Cluster:
    """Where tables are.

    Attributes:
        spread: the distributed tables.
        everywhere: the reference tables, which can be joined with any shard.
        columns: the columns of every table of the store.
    """

    spread: Spread
    everywhere: frozenset[tuple[str, str]]
    columns: Mapping[tuple[str, str], frozenset[str]]

    def findings(self, tree: exp.Expression) -> list[Finding]:
        """Everything that keeps one statement from running on shards as it stands."""
        if not any(self._spread_in(tree)):
            return []
        found = [*self._of_ctes(tree), *self._of_writes(tree)]
        for select in tree.find_all(exp.Select):
            found += [*self._of_select(select), *self._of_correlation(select)]
        return found

    def _spread_in(self, node: exp.Expression) -> Iterator[exp.Table]:
        for table in node.find_all(exp.Table):
            if _name(table) in self.spread:
                yield table

    def _local_in(self, node: exp.Expression) -> Iterator[exp.Table]:
        for table in node.find_all(exp.Table):
            name = _name(table)
            if name in self.columns and name not in self.spread and name not in self.everywhere:
                yield table

    def _of_ctes(self, tree: exp.Expression) -> Iterator[Finding]:
        if any(found.recursive for found in tree.find_all(exp.With)):
            yield Finding("a recursive CTE in a statement that reads a distributed table")

    def _of_writes(self, tree: exp.Expression) -> Iterator[Finding]:
        for insert in tree.find_all(exp.Insert):
            target = insert.find(exp.Table)
            column = self.spread.get(_name(target)) if target else None
            conflict = insert.args.get("conflict")
            if column is None or conflict is None:
                continue
            keys = {key.name for key in conflict.args.get("conflict_keys") or ()}
            if column not in keys:
                yield Finding(f"an upsert by a key without {column}")
            if any(column == set_.this.name for set_ in conflict.args.get("expressions") or ()):
                yield Finding(f"an upsert that moves a row: it sets {column}")
        for update in tree.find_all(exp.Update):
            column = self.spread.get(_name(update.this))
            if column and any(column == set_.this.name for set_ in update.expressions):
                yield Finding(f"an update of {column}")
        for changed in tree.find_all(exp.Update, exp.Delete):
            if _name(changed.this) in self.spread and any(self._local_in(changed)):
                yield Finding("an update or delete that looks at local rows")

    def _of_select(self, select: exp.Select) -> Iterator[Finding]:
        tables = [source for source in _sources(select) if isinstance(source, exp.Table)]
        spread = [table for table in tables if _name(table) in self.spread]
        yield from self._of_joins(select, spread)
        if not spread:
            return
        if len(spread) > 1 and not self._joined_by_key(select, spread):
            yield Finding("a join of distributed tables by other columns than theirs")
        if any(select.find_all(exp.Lock)):
            yield Finding("a row lock across shards")
        group = select.args.get("group")
        if group and any(group.find_all(exp.GroupingSets, exp.Cube, exp.Rollup)):
            yield Finding("grouping sets")
        yield from self._of_raw_rows(select, {self.spread[_name(table)] for table in spread})

    def _of_joins(self, select: exp.Select, spread: list[exp.Table]) -> Iterator[Finding]:
        for join in select.args.get("joins") or ():
            joined = join.this
            if isinstance(joined, exp.Lateral):
                if any(self._spread_in(joined)):
                    yield Finding("a lateral join to a distributed table")
                elif spread and any(self._local_in(joined)):
                    yield Finding("a lateral join from a distributed table to a local one")
            elif join.side in {"FULL", "RIGHT"} and spread:
                yield Finding("an outer join that keeps what no shard has")
            elif join.side == "LEFT" and any(joined is table for table in spread[:1]):
                yield Finding("an outer join with a distributed table on its inner side")

    def _of_raw_rows(self, select: exp.Select, columns: set[str]) -> Iterator[Finding]:
        """What has to see rows of several shards together, before they are added up."""
        for window in select.find_all(exp.Window):
            if window.find_ancestor(exp.Select) is select and not select.args.get("group"):
                by = {column.name for column in window.args.get("partition_by") or ()}
                if not by & columns:
                    yield Finding("a window over raw rows that its shards cannot fill", False)
        distinct = select.args.get("distinct")
        if distinct and distinct.args.get("on"):
            named = {column.name for column in distinct.find_all(exp.Column)}
            if not named & columns:
                yield Finding("distinct on without the distribution column", False)
        if any(select.find_all(exp.WithinGroup)):
            yield Finding("an ordered-set aggregate over raw rows", False)

    def _joined_by_key(self, select: exp.Select, spread: list[exp.Table]) -> bool:
        wanted = {self.spread[_name(table)] for table in spread}
        if len(wanted) > 1:
            return False
        column = wanted.pop()
        for join in select.args.get("joins") or ():
            if any(key.name == column for key in join.args.get("using") or ()):
                return True
        return any(
            isinstance(equal.left, exp.Column)
            and isinstance(equal.right, exp.Column)
            and equal.left.name == equal.right.name == column
            for equal in select.find_all(exp.EQ)
        )

    def _of_correlation(self, select: exp.Select) -> Iterator[Finding]:
        if select.find_ancestor(exp.Lateral) or not self._correlated(select):
            return
        if any(self._spread_in(select)):
            yield Finding("a correlated subquery over a distributed table")
        outer = select.find_ancestor(exp.Select)
        if outer is None:
            return
        from_spread = any(
            isinstance(source, exp.Table) and _name(source) in self.spread
            for source in _sources(outer)
        )
        if from_spread and any(self._local_in(select)):
            yield Finding("a correlated subquery over a local table, for rows of a distributed one")

    def _correlated(self, select: exp.Select) -> bool:
        """Whether a query names columns that none of its own sources has."""
        if select.find_ancestor(exp.Select) is None:
            return False
        own = {source.alias_or_name for source in select.find_all(exp.Table, exp.Subquery)}
        own |= {alias.name for alias in select.find_all(exp.TableAlias)}
        known: set[str] = set()
        for source in select.find_all(exp.Table):
            if _name(source) not in self.columns:
                return any(
                    column.table and column.table not in own
                    for column in select.find_all(exp.Column)
                )
            known |= self.columns[_name(source)]
        known |= {alias.alias for alias in select.find_all(exp.Alias)}
        known |= {each.name for alias in select.find_all(exp.TableAlias) for each in alias.columns}
        known |= own
        return any(
            (column.table not in own) if column.table else (column.name not in known)
            for column in select.find_all(exp.Column)
        )


def _name(table: exp.Expression) -> tuple[str, str]:
    return (table.text("db"), table.name) if isinstance(table, exp.Table) else ("", "")


def _sources(select: exp.Select) -> list[exp.Expression]:
    begun = select.args.get("from") or select.args.get("from_")
    joined = [join.this for join in select.args.get("joins") or ()]
    return ([begun.this] if begun is not None else []) + joined
