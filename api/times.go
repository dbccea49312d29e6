package api

import (
	"context"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

// Instants and days that no database keeps are refused before any room sees them, at their place and in the same words wherever they come in. Inputs
// say by their types where instants are; what is a day in a text says so by the tag format:"date", or day:"yes" where it may be empty.

// timeFinder notes what is wrong with the instants and days within a value of one type. It is nil where the type has none.
type timeFinder func(v reflect.Value, place string, faults *model.Invalid)

// heldInTime puts the look at instants and days before a handler whose input has some. What else is wrong is named with them.
func heldInTime[I, O any](h handler[I, O]) handler[I, O] {
	find := timesIn(reflect.TypeFor[I](), nil)
	if find == nil {
		return h
	}
	return func(ctx context.Context, actor *model.Actor, in *I) (O, error) {
		var faults model.Invalid
		find(reflect.ValueOf(in).Elem(), "", &faults)
		if err := faults.Err(); err != nil {
			var none O
			return none, complete(ctx, err)
		}
		return h(ctx, actor, in)
	}
}

// timesIn makes the finder of a type. The types around it are known, so that one that holds itself does not go on for ever.
func timesIn(t reflect.Type, around []reflect.Type) timeFinder {
	if t == reflect.TypeFor[time.Time]() {
		return lookAtInstant
	}
	for _, outer := range around {
		if outer == t {
			return nil
		}
	}
	around = append(around[:len(around):len(around)], t)
	switch t.Kind() {
	case reflect.Pointer:
		return timesBehind(t, around)
	case reflect.Slice, reflect.Array:
		each := timesIn(t.Elem(), around)
		if each == nil {
			return nil
		}
		return func(v reflect.Value, place string, faults *model.Invalid) {
			for i := range v.Len() {
				each(v.Index(i), place+"["+strconv.Itoa(i)+"]", faults)
			}
		}
	case reflect.Struct:
		return timesOfStruct(t, around)
	}
	return nil
}

// timesBehind is the finder of what a pointer points to. An instant that was sent is looked at even if it is the one that elsewhere means none.
func timesBehind(t reflect.Type, around []reflect.Type) timeFinder {
	find := timesIn(t.Elem(), around)
	if find == nil {
		return nil
	}
	instant := t.Elem() == reflect.TypeFor[time.Time]()
	return func(v reflect.Value, place string, faults *model.Invalid) {
		switch {
		case v.IsNil():
		case instant && v.Elem().IsZero():
			badInstant(place, faults)
		default:
			find(v.Elem(), place, faults)
		}
	}
}

// timesOfStruct is the finder of all fields that have any.
func timesOfStruct(t reflect.Type, around []reflect.Type) timeFinder {
	type part struct {
		index int
		name  string
		find  timeFinder
	}
	var parts []part
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		find := timesIn(f.Type, around)
		if f.Tag.Get("format") == "date" || f.Tag.Get("day") != "" {
			find = lookAtDay
		}
		if find != nil {
			parts = append(parts, part{i, placeName(f), find})
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return func(v reflect.Value, place string, faults *model.Invalid) {
		for _, p := range parts {
			in := place
			if p.name != "" && in != "" {
				in += "."
			}
			p.find(v.Field(p.index), in+p.name, faults)
		}
	}
}

// placeName is what a client calls a field; nothing for the body and for what is embedded.
func placeName(f reflect.StructField) string {
	for _, tag := range []string{"json", "query", "path", "header", "form"} {
		if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" {
			return name
		}
	}
	return ""
}

// lookAtInstant passes over the zero time, which means that none was sent.
func lookAtInstant(v reflect.Value, place string, faults *model.Invalid) {
	if t, ok := v.Interface().(time.Time); ok && !t.IsZero() && !model.Keepable(t) {
		badInstant(place, faults)
	}
}

func badInstant(place string, faults *model.Invalid) {
	faults.Add(place, "invalid_time", "时间应在 1900 年至 9998 年之间。")
}

var dayShape = regexp.MustCompile(`^(\d{4,9})-\d{2}-\d{2}(?:T.*)?$`)

// lookAtDay leaves what does not look like a day to the room, which knows what else the text may be.
func lookAtDay(v reflect.Value, place string, faults *model.Invalid) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	shape := dayShape.FindStringSubmatch(v.String())
	if shape == nil {
		return
	}
	if year, err := strconv.Atoi(shape[1]); err != nil || year < model.FirstYear || year > model.LastYear {
		faults.Add(place, "invalid_date", "日期应在 1900 年至 9998 年之间。")
	}
}
