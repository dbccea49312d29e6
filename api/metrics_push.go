package api

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhibu/model"
	"zhibu/service/push"
)

// pushMetrics reads the push room's figures when somebody asks for them.
type pushMetrics struct{ room *push.Service }

// figuresPatience is how long a look at the queue may take: whoever watches must not add to the trouble.
const figuresPatience = 2 * time.Second

// The figures of pushes. Sends are this process's; the queue and the grants are those of all together.
func pushDescs() (sends, waiting, sending, oldest, grants, pushes *prometheus.Desc) {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("zhibu_push_"+name, help, labels, nil)
	}
	return desc("sends_total", "Sends to WeChat by how they ended.", "channel", "outcome", "errcode"),
		desc("waiting", "Deliveries that are due and that nobody has taken."),
		desc("sending", "Deliveries in some sender's hands."),
		desc("oldest_due_seconds", "How long the first waiting delivery has been due."),
		desc("grants_left", "One-time subscriptions that members have left, by template.", "template"),
		prometheus.NewDesc("zhibu_pushes", "Pushes by state.", []string{"state"}, nil)
}

// Describe names the figures.
func (m pushMetrics) Describe(to chan<- *prometheus.Desc) {
	sends, waiting, sending, oldest, grants, pushes := pushDescs()
	for _, d := range []*prometheus.Desc{sends, waiting, sending, oldest, grants, pushes} {
		to <- d
	}
}

// Collect reads them. A database that is away leaves the queue's figures out.
func (m pushMetrics) Collect(to chan<- prometheus.Metric) {
	sends, waiting, sending, oldest, grants, pushes := pushDescs()
	for o, n := range m.room.Outcomes() {
		to <- prometheus.MustNewConstMetric(sends, prometheus.CounterValue, float64(n), string(o.Channel), string(o.Verdict), strconv.Itoa(o.ErrCode))
	}
	ctx, cancel := context.WithTimeout(context.Background(), figuresPatience)
	defer cancel()
	q, err := m.room.Queue(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(q.Waiting))
	to <- prometheus.MustNewConstMetric(sending, prometheus.GaugeValue, float64(q.Sending))
	to <- prometheus.MustNewConstMetric(oldest, prometheus.GaugeValue, q.OldestDue.Seconds())
	for template, n := range q.GrantsOf {
		to <- prometheus.MustNewConstMetric(grants, prometheus.GaugeValue, float64(n), template)
	}
	for _, state := range []model.PushState{model.PushScheduled, model.PushSending, model.PushDone, model.PushCancelled} {
		to <- prometheus.MustNewConstMetric(pushes, prometheus.GaugeValue, float64(q.PushesIn[state]), string(state))
	}
}
