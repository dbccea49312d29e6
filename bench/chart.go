package main

func (t *table) writeChart(path string, h *house) error { return nil }
