"""What scores and sizes are called where people read of them."""

from __future__ import annotations

_TITLES = {
    "pesq": "PESQ",
    "stoi": "STOI",
    "estoi": "ESTOI",
    "si_sdr": "SI-SDR in dB",
    "si_sdr_db": "SI-SDR in dB",
    "dnsmos": "DNSMOS",
    "difference_snr_db": "Difference SNR in dB",
    "frames_above_mask": "Frames above mask",
    "bytes": "Size in bytes",
    "macs": "Multiply-accumulates",
    "parameters": "Parameters",
}


def score_title(name: str) -> str:
    """A score or size as an axis calls it; a name that is not known stays as it is.

    >>> score_title("si_sdr"), score_title("my_score")
    ('SI-SDR in dB', 'my_score')
    """
    return _TITLES.get(name.lower().replace("-", "_"), name)
