package store

import (
	"context"
	"time"

	"zhibu/model"
)

// AddWechatEvent keeps an event and reports whether it came for the first time.
func (s *Store) AddWechatEvent(ctx context.Context, e *model.WechatEventRow) (bool, error) {
	return s.insertOnce(ctx, e)
}

// SendResults are what WeChat reported of sends to a user since an instant, the oldest first.
func (s *Store) SendResults(ctx context.Context, openID string, since time.Time) ([]model.WechatSendResult, error) {
	rows, err := many[model.WechatEventRow](s.read(ctx).Where("openid = ? AND received_at >= ? AND name = ?", openID, since, model.WechatSent).Order("received_at"))
	var out []model.WechatSendResult
	for _, r := range rows {
		out = append(out, r.Sent...)
	}
	return out, err
}

// PruneWechatEvents forgets events that WeChat will not deliver again.
func (s *Store) PruneWechatEvents(ctx context.Context, before time.Time) error {
	return fault(s.write(ctx).Where("received_at < ?", before).Delete(&model.WechatEventRow{}).Error)
}
