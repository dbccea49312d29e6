package wechat

import (
	"context"

	"github.com/silenceper/wechat/v2/domain/openapi"
)

// Quota is how much of an API's day is left.
type Quota struct {
	DailyLimit int64
	Used       int64
	Remain     int64
}

// Quota asks how often the mini-program may still call an API today; api is one of the API constants.
func (d *Door) Quota(ctx context.Context, api string) (Quota, error) {
	var out struct {
		head
		Quota struct {
			DailyLimit int64 `json:"daily_limit"`
			Used       int64 `json:"used"`
			Remain     int64 `json:"remain"`
		} `json:"quota"`
	}
	_, err := d.do(ctx, request{api: APIQuota, app: d.mini, body: openapi.GetAPIQuotaParams{CgiPath: api}}, &out)
	return Quota(out.Quota), err
}

// Trace is what WeChat kept of one failed call. The addresses and bodies it also keeps hold tokens, so they are not read.
type Trace struct {
	InvokedAt int64 // unix seconds
	CostMs    int64
	ClientIP  string
}

// Trace looks up the rid of a CallError, which WeChat knows for seven days.
func (d *Door) Trace(ctx context.Context, rid string) (Trace, error) {
	var out struct {
		head
		Request struct {
			InvokeTime int64  `json:"invoke_time"`
			CostInMs   int64  `json:"cost_in_ms"`
			ClientIP   string `json:"client_ip"`
		} `json:"request"`
	}
	_, err := d.do(ctx, request{api: APIRID, app: d.mini, body: openapi.GetRidInfoParams{Rid: rid}}, &out)
	return Trace{InvokedAt: out.Request.InvokeTime, CostMs: out.Request.CostInMs, ClientIP: out.Request.ClientIP}, err
}
