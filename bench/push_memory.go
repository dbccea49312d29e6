package main

import (
	"context"
)

// memoryMeasures hold the worker's memory against the number of recipients.
func memoryMeasures() []measure {
	return []measure{
		{Name: "memory-sqlite", About: "worker's memory, ten times the recipients (BENCH_LONG=1: a million), SQLite", Once: true,
			Run: func(ctx context.Context, h *house) ([]reading, error) { return memoryRow(ctx, h, onSQLite) }},
		{Name: "memory-mysql", About: "the same, MariaDB", Once: true, Needs: []string{"mariadb"},
			Run: func(ctx context.Context, h *house) ([]reading, error) { return memoryRow(ctx, h, onMariaDB) }},
	}
}

func memoryRow(ctx context.Context, h *house, kind string) ([]reading, error) {
	few, many := 20_000, 100_000
	switch {
	case h.options.Long:
		few, many = 100_000, 1_000_000
	case h.options.N > 0:
		few, many = h.options.N/10, h.options.N
	case h.options.Smoke:
		few, many = h.options.size(0), 2*h.options.size(0)
	}
	small, err := sendPush(ctx, h, sending{kind: kind, members: few, workers: 1, inFlight: 200})
	if err != nil {
		return nil, err
	}
	large, err := sendPush(ctx, h, sending{kind: kind, members: many, workers: 1, inFlight: 200})
	if err != nil {
		return nil, err
	}
	return []reading{{
		Row: "memory-" + kind, Title: "worker's peak memory, " + amount(float64(many), "") + " recipients, " + databaseName(kind), Unit: "MB", Figure: large.peak,
		Yardstick: small.peak, YardstickName: "that of " + amount(float64(few), ""), Goal: goal{MaxRatio: 1.3},
		Facts: []fact{
			{"at the end", large.now, "MB"}, {"at the end of the smaller", small.now, "MB"}, {"rate", large.Rate, "/s"}, {"rate of the smaller", small.Rate, "/s"},
			{"CPU per delivery", large.cpuEach(), "µs"}, {"CPU per delivery of the smaller", small.cpuEach(), "µs"},
		},
	}}, nil
}
