package member

import "zhibu/model"

// erasedMark is what an erasure left of a number.
func (s *Service) erasedMark(phone string) string { return s.vault.Index(model.ErasedPhone(phone)) }

const erasedAdvice = "该手机号的成员已撤回同意并注销，不能由他人重新录入。如本人愿意重新加入，请发给邀请码，由本人在小程序中绑定。"

// orErased is the error of a look-up, or else that the person was erased: a roster does not bring back who withdrew.
func orErased(err error) error {
	if err != nil {
		return err
	}
	return model.BadField("phone", CodeErased, erasedAdvice)
}
