"""Charts as Vega-Lite specifications made with Altair, one module an area."""
