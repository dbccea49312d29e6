import { Box } from './base'

/** The drawings that pages use; shapes in the style sheet, in the colour of the text beside them. Words stand beside each, or in the label of its button. */
export type IconName = 'home' | 'calendar' | 'bulb' | 'bell' | 'user' | 'back' | 'search' | 'heart' | 'star' | 'play'

export function Icon({ name }: { name: IconName }) {
  return <Box className={`icon icon-${name}`} hidden />
}
