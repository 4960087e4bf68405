/** @file A slider for a share. */

import type { Signal } from '@preact/signals';

/** What a slider moves. */
export interface SliderProps {
  readonly label: string;
  /** From 0 to 1. */
  readonly value: Signal<number>;
  readonly step: number;
  readonly class?: string;
}

/** The slider, with its label. */
export function Slider({ label, value, step, class: name }: SliderProps) {
  return (
    <label>
      {label}
      <input
        class={name}
        type="range"
        min="0"
        max="1"
        step={step}
        value={value.value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.valueAsNumber;
        }}
      />
    </label>
  );
}
