package suggestion

import (
	"context"
	"slices"
	"strings"
	"time"

	"zhibu/model"
)

// OrgFigures are an organisation's figures; nothing but the name where too few suggestions came.
type OrgFigures struct {
	Org      model.Org
	Withheld bool
	model.SuggestionFigures
}

// Figures are how the organisations of a part of the tree answered in a year, in the order of the tree and never of a figure. All is nil
// where it would give away what is withheld.
type Figures struct {
	Year  int
	Items []OrgFigures
	All   *model.SuggestionFigures
}

// Figures tell of answering alone: how many came, how soon they were accepted and answered. Errors: not_found, forbidden for who is not
// secretary there or above.
func (s *Service) Figures(ctx context.Context, actor *model.Actor, orgID string, year int) (*Figures, error) {
	org, err := s.store.Org(ctx, orgID)
	switch {
	case err != nil:
		return nil, err
	case actor.Has(model.RoleSecretary, org.Path):
	case model.CanSeeOrg(actor, org.Path):
		return nil, model.Forbidden("办理情况供本组织的书记和上级组织查看。")
	default:
		return nil, model.NotFound("该组织")
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	from := time.Date(year, time.January, 1, 0, 0, 0, 0, model.Zone)
	steps, err := s.store.SuggestionStepsOfYear(ctx, org.Path, from, from.AddDate(1, 0, 0))
	if err != nil {
		return nil, err
	}
	by := map[string]*model.SuggestionFigures{}
	for len(steps) > 0 {
		n := 1
		for n < len(steps) && steps[n].SuggestionID == steps[0].SuggestionID {
			n++
		}
		model.CountSuggestion(by, steps[:n], cal, year)
		steps = steps[n:]
	}
	return s.figures(ctx, org, year, by)
}

// figures puts the counts in the order of the tree, and withholds what is too little. The sum is withheld too where it would tell the rest.
func (s *Service) figures(ctx context.Context, top *model.Org, year int, by map[string]*model.SuggestionFigures) (*Figures, error) {
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(orgs, func(a, b model.Org) int { return strings.Compare(a.Path, b.Path) })
	fewest := s.policies.PolicyAt(s.clock()).Crowd()
	out, all, hidden := &Figures{Year: year}, model.SuggestionFigures{OrgID: top.ID, Fewest: fewest}, 0
	for _, o := range orgs {
		if !model.Within(o.Path, top.Path) {
			continue
		}
		f := by[o.ID]
		if f == nil {
			f = &model.SuggestionFigures{OrgID: o.ID}
		}
		f.Fewest = fewest
		all.Received, all.Answered, all.Late = all.Received+f.Received, all.Answered+f.Answered, all.Late+f.Late
		all.AcceptDays, all.AnswerDays = append(all.AcceptDays, f.AcceptDays...), append(all.AnswerDays, f.AnswerDays...)
		item := OrgFigures{Org: o, Withheld: f.Withheld()}
		if item.Withheld {
			hidden += f.Received
		} else {
			item.SuggestionFigures = *f
		}
		out.Items = append(out.Items, item)
	}
	if !all.Withheld() && (hidden == 0 || hidden >= fewest) {
		out.All = &all
	}
	return out, nil
}
