"""What pages share: the view in the URL, cached reports, header, cards, states."""
