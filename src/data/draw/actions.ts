/**
 * Facial action units (AU) and the units that show each emotion.
 *
 * Units: P. Ekman & W. V. Friesen, *Facial Action Coding System: A Technique for the Measurement of
 * Facial Movement*, Consulting Psychologists Press, 1978. Emotions: W. V. Friesen & P. Ekman,
 * *EMFACS-7: Emotional Facial Action Coding System*, 1983, whose prototypes the literature reproduces as
 * anger 4+5+7+23, disgust 9+15+16, fear 1+2+4+5+20+26, happiness 6+12, sadness 1+4+15, surprise 1+2+5B+26.
 */
import type { Random } from '../../core/random.js';

/** The seven emotions that can be drawn, by FER2013's folder names. */
export const EMOTIONS = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'] as const;
export type Emotion = (typeof EMOTIONS)[number];

/** What the drawing can move; 0 is the resting face, 1 the strongest movement of one unit. */
export const MOVES = [
  'browInnerRaise',
  'browOuterRaise',
  'browLower',
  'lidRaise',
  'lidTighten',
  'cheekRaise',
  'noseWrinkle',
  'upperLipRaise',
  'cornerPull',
  'cornerDepress',
  'lowerLipDepress',
  'chinRaise',
  'lipStretch',
  'lipTighten',
  'lipsPart',
  'jawDrop',
] as const;
export type Move = (typeof MOVES)[number];

/** A drawn expression: the amount of every movement, about 0..1. */
export type Expression = Readonly<Record<Move, number>>;

interface ActionUnit {
  readonly name: string;
  readonly moves: Readonly<Partial<Record<Move, number>>>;
}

/** The action units in use, by FACS number, with the movements that each one drives. */
export const ACTION_UNITS = {
  1: { name: 'inner brow raiser', moves: { browInnerRaise: 1 } },
  2: { name: 'outer brow raiser', moves: { browOuterRaise: 1 } },
  4: { name: 'brow lowerer', moves: { browLower: 1 } },
  5: { name: 'upper lid raiser', moves: { lidRaise: 1 } },
  6: { name: 'cheek raiser', moves: { cheekRaise: 1 } },
  7: { name: 'lid tightener', moves: { lidTighten: 1 } },
  9: { name: 'nose wrinkler', moves: { noseWrinkle: 1, upperLipRaise: 0.5, browLower: 0.45 } },
  10: { name: 'upper lip raiser', moves: { upperLipRaise: 1 } },
  12: { name: 'lip corner puller', moves: { cornerPull: 1 } },
  15: { name: 'lip corner depressor', moves: { cornerDepress: 1 } },
  16: { name: 'lower lip depressor', moves: { lowerLipDepress: 1 } },
  17: { name: 'chin raiser', moves: { chinRaise: 1 } },
  20: { name: 'lip stretcher', moves: { lipStretch: 1 } },
  23: { name: 'lip tightener', moves: { lipTighten: 1 } },
  24: { name: 'lip pressor', moves: { lipTighten: 0.5, chinRaise: 0.4 } },
  25: { name: 'lips part', moves: { lipsPart: 1 } },
  26: { name: 'jaw drop', moves: { jawDrop: 0.65 } },
  27: { name: 'mouth stretch', moves: { jawDrop: 1 } },
} as const satisfies Readonly<Record<number, ActionUnit>>;
export type UnitNumber = keyof typeof ACTION_UNITS;

interface UnitUse {
  readonly unit: UnitNumber;
  /** Share of the sample's intensity, 0..1 (FACS's letters A to E are about .2 to 1). */
  readonly strength: number;
  /** Probability that a sample shows the unit. */
  readonly chance: number;
}

const always = (unit: UnitNumber, strength = 1): UnitUse => ({ unit, strength, chance: 1 });
const sometimes = (unit: UnitNumber, strength = 1, chance = 0.5): UnitUse => ({ unit, strength, chance });

/** The units of each emotion; `sometimes` marks the variants that the prototypes put in brackets. */
export const EMOTION_UNITS: Readonly<Record<Emotion, readonly UnitUse[]>> = {
  angry: [always(4), always(5, 0.4), always(7, 0.8), always(23), sometimes(24)],
  disgust: [always(9), always(15, 0.5), always(16, 0.7), sometimes(10), sometimes(25, 0.6)],
  fear: [always(1), always(2, 0.6), always(4, 0.6), always(5), always(20), always(26, 0.7)],
  happy: [always(6), always(12), sometimes(25, 1, 0.6)],
  neutral: [],
  sad: [always(1), always(4, 0.6), always(15), sometimes(17, 0.8, 0.4)],
  surprise: [always(1), always(2), always(5, 0.6), always(26), sometimes(27, 0.7)],
};

/** How strongly the samples of a set show their emotion. */
const INTENSITY = { low: 0.6, high: 1 } as const;

/**
 * One sample of an emotion: an intensity, the units that appear, each unit's own share, and a face's small
 * resting tension.
 *
 * @example
 * const expression = drawExpression('happy', createRandom(1));
 * expression.cornerPull; // about 0.6..1
 */
export function drawExpression(emotion: Emotion, random: Random): Expression {
  const moves = restingMoves(random.fork('resting'));
  const intensity = random.between(INTENSITY.low, INTENSITY.high);
  for (const { unit, strength, chance } of EMOTION_UNITS[emotion]) {
    const own = random.fork('unit', unit);
    if (own.uniform() >= chance) continue;
    addUnit(moves, unit, intensity * strength * own.between(0.8, 1.2));
  }
  return moves;
}

/** The expression of single units at given intensities, for pictures and tests. */
export function expressionOf(units: ReadonlyMap<UnitNumber, number>): Expression {
  const moves = noMoves();
  for (const [unit, intensity] of units) addUnit(moves, unit, intensity);
  return moves;
}

function addUnit(moves: Record<Move, number>, unit: UnitNumber, intensity: number): void {
  const { moves: effects }: ActionUnit = ACTION_UNITS[unit];
  for (const move of MOVES) moves[move] += intensity * (effects[move] ?? 0);
}

function restingMoves(random: Random): Record<Move, number> {
  const moves = noMoves();
  for (const move of MOVES) moves[move] = RESTING[move] === undefined ? 0 : RESTING[move] * random.normal();
  return moves;
}

/** Standard deviations at rest; the mouth's opening cannot be negative, so it rests at 0. */
const RESTING: Readonly<Partial<Record<Move, number>>> = {
  browInnerRaise: 0.1,
  browOuterRaise: 0.1,
  browLower: 0.1,
  lidRaise: 0.12,
  cornerPull: 0.08,
  cornerDepress: 0.05,
  lipStretch: 0.1,
};

function noMoves(): Record<Move, number> {
  return Object.fromEntries(MOVES.map((move) => [move, 0])) as Record<Move, number>;
}
