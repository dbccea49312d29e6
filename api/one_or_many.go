package api

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
)

// maxWords is how many words a list of conditions may hold; there are fewer roles and statuses than that.
const maxWords = 10

// oneOrMany is a list of words of which many clients send one by itself. Which words there are the room says, so that it can name the place of a wrong one.
type oneOrMany[T ~string] []T

// UnmarshalJSON reads a word or a list of them.
func (l *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var one T
		err := json.Unmarshal(data, &one)
		*l = oneOrMany[T]{one}
		return err
	}
	var many []T
	err := json.Unmarshal(data, &many)
	*l = many
	return err
}

// Schema is "this word, or a list of them".
func (oneOrMany[T]) Schema(huma.Registry) *huma.Schema {
	word, most := &huma.Schema{Type: huma.TypeString, MaxLength: new(50)}, maxWords
	many := &huma.Schema{Type: huma.TypeArray, Items: word, MaxItems: &most}
	word.PrecomputeMessages()
	many.PrecomputeMessages()
	return &huma.Schema{AnyOf: []*huma.Schema{word, many}}
}
