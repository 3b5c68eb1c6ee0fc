/** Accelerators that a bundle can be made for, by the compiler's names. */
export const HAILO_ARCHITECTURES = ['hailo8', 'hailo8l', 'hailo10h', 'hailo15h'] as const;

/** One of {@link HAILO_ARCHITECTURES}. */
export type HailoArchitecture = (typeof HAILO_ARCHITECTURES)[number];

/**
 * The compiler's release line for each accelerator, and the runtime's that loads its executables. From: hailo-ai/
 * hailo_model_zoo, whose v2 branch compiles for Hailo-8 and whose v5 for Hailo-10H and 15H.
 */
export const RELEASE_LINES: Readonly<Record<HailoArchitecture, { compiler: string; runtime: string }>> = {
  hailo8: { compiler: '3.x', runtime: '4.x' },
  hailo8l: { compiler: '3.x', runtime: '4.x' },
  hailo10h: { compiler: '5.x', runtime: '5.x' },
  hailo15h: { compiler: '5.x', runtime: '5.x' },
};
