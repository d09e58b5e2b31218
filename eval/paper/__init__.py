"""Reports: what a report is made of (`paper`), and its three forms, HTML, xlsx and JSON. The same paper gives the same bytes."""
