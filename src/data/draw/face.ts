import type { Random } from '../../core/random.js';
import { drawExpression, type Emotion, type Expression } from './actions.js';

/** Hair styles, from none to shoulder length. */
export const HAIR_STYLES = ['bald', 'short', 'fringe', 'parted', 'long', 'curly'] as const;
export type HairStyle = (typeof HAIR_STYLES)[number];

/** Who it is. Lengths in pixels of a 48×48 frame before the pose, greys in 0..1, factors around 1. */
export interface Identity {
  readonly headWidth: number;
  readonly headHeight: number;
  /** Width of the jaw relative to the head. */
  readonly jaw: number;
  readonly chin: number;
  readonly skin: number;
  readonly hairStyle: HairStyle;
  readonly hair: number;
  /** Height of the hairline above the eyes. */
  readonly hairline: number;
  readonly eyeDistance: number;
  readonly eyeSize: number;
  readonly eyeTilt: number;
  readonly iris: number;
  readonly noseLength: number;
  readonly noseWidth: number;
  readonly mouthWidth: number;
  readonly lips: number;
  readonly lipGrey: number;
  readonly browThickness: number;
  /** Resting height of the brows above the eyes. */
  readonly browHeight: number;
  readonly browArch: number;
  /** 0..1, depth of the lines that a movement folds into the skin. */
  readonly wrinkles: number;
  readonly glasses: boolean;
  /** 0 none .. 1 full. */
  readonly beard: number;
  readonly moustache: number;
}

/** Where the head is: angles in radians, shift in pixels, zoom around 1. */
export interface Pose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  readonly shift: readonly [x: number, y: number];
  readonly zoom: number;
}

/** Light, lens and sensor. Greys in 0..1, lengths in pixels. */
export interface Scene {
  readonly background: number;
  readonly clothes: number;
  /** Direction the light comes from; its length is the strength of the gradient. */
  readonly light: readonly [x: number, y: number];
  readonly brightness: number;
  readonly contrast: number;
  /** Standard deviation of the blur. */
  readonly blur: number;
  /** Standard deviation of the noise. */
  readonly noise: number;
}

/** Everything that decides one drawn face except the noise's draws. */
export interface Face {
  readonly identity: Identity;
  readonly expression: Expression;
  /** Right minus left share of every movement: −.15..+.15. */
  readonly asymmetry: number;
  readonly pose: Pose;
  readonly scene: Scene;
}

/**
 * A random person with an emotion, in a random pose and light.
 *
 * @example
 * const face = randomFace('sad', createRandom(7));
 */
export function randomFace(emotion: Emotion, random: Random): Face {
  return {
    identity: randomIdentity(random.fork('identity')),
    expression: drawExpression(emotion, random.fork('expression')),
    asymmetry: random.fork('asymmetry').between(-0.15, 0.15),
    pose: randomPose(random.fork('pose')),
    scene: randomScene(random.fork('scene')),
  };
}

function randomIdentity(random: Random): Identity {
  const skin = random.between(0.42, 0.78);
  return {
    headWidth: random.between(15.2, 17.8),
    headHeight: random.between(19.5, 21.5),
    jaw: random.between(0.7, 0.9),
    chin: random.between(0.3, 0.5),
    skin,
    iris: random.between(0.06, 0.3),
    eyeDistance: random.between(7, 8.2),
    eyeSize: random.between(0.88, 1.12),
    eyeTilt: random.between(-0.4, 0.5),
    noseLength: random.between(8.6, 10.6),
    noseWidth: random.between(2.4, 3.6),
    mouthWidth: random.between(5.4, 6.8),
    lips: random.between(0.8, 1.6),
    lipGrey: skin * random.between(0.6, 0.82),
    browThickness: random.between(0.55, 1.15),
    browHeight: random.between(4.2, 5.4),
    browArch: random.between(0.3, 1.3),
    wrinkles: random.between(0.3, 1),
    glasses: random.uniform() < 0.12,
    ...randomHair(random.fork('hair'), skin),
  };
}

type Hair = Pick<Identity, 'hairStyle' | 'hair' | 'hairline' | 'beard' | 'moustache'>;

function randomHair(random: Random, skin: number): Hair {
  const hairStyle = HAIR_STYLES[random.integer(HAIR_STYLES.length)] ?? 'short';
  const fair = skin > 0.6 && random.uniform() < 0.3;
  const bearded = hairStyle !== 'long' && hairStyle !== 'fringe' && random.uniform() < 0.25;
  return {
    hairStyle,
    hair: fair ? skin * random.between(0.5, 0.7) : random.between(0.04, 0.3),
    hairline: random.between(8.5, 12),
    beard: bearded && random.uniform() < 0.7 ? random.between(0.3, 0.9) : 0,
    moustache: bearded ? random.between(0.3, 0.8) : 0,
  };
}

function randomPose(random: Random): Pose {
  return {
    yaw: 0.2 * random.normal(),
    pitch: 0.1 * random.normal(),
    roll: 0.09 * random.normal(),
    shift: [0.9 * random.normal(), 0.8 * random.normal()],
    zoom: random.between(1.02, 1.22),
  };
}

function randomScene(random: Random): Scene {
  const angle = random.between(-Math.PI, 0);
  const strength = random.between(0, 0.32);
  return {
    background: random.between(0.05, 0.95),
    clothes: random.between(0.05, 0.8),
    light: [strength * Math.cos(angle), strength * Math.sin(angle)],
    brightness: random.between(-0.1, 0.05),
    contrast: random.between(0.85, 1.4),
    blur: random.between(0.3, 0.75),
    noise: random.between(0.008, 0.03),
  };
}
