package comment

import (
	"context"

	"zhibu/model"
	"zhibu/model/store"
)

// faults is model.Invalid together with an error that stopped the looking.
type faults struct {
	model.Invalid
	stopped error
	before  *model.Comment // that is answered; nil for none
}

// thread tells where an answer belongs: threads have one level, so an answer to an answer stands below the head, and names whom it answers.
func (f *faults) thread() (head, answered string) {
	switch {
	case f.before == nil:
		return "", ""
	case f.before.ReplyTo != "":
		return f.before.ReplyTo, f.before.ID
	}
	return f.before.ID, ""
}

// Err is what stopped the looking, else the faults.
func (f *faults) Err() error {
	if f.stopped != nil {
		return f.stopped
	}
	return f.Invalid.Err()
}

// answered finds fault with a reply to what is not a visible comment of the same article.
func answered(ctx context.Context, tx *store.Store, ar *model.Article, replyTo string) *faults {
	f := &faults{}
	if replyTo == "" {
		return f
	}
	c, err := tx.Comment(ctx, replyTo)
	switch {
	case model.IsNotFound(err) || (err == nil && (c.ArticleID != ar.ID || c.State != model.CommentVisible)):
		f.Add("reply_to", "not_found", "您回复的评论不存在或已不再显示。")
	case err != nil:
		f.stopped = err
	default:
		f.before = c
	}
	return f
}
