"""Reading, checking, rendering and synthesising sound."""
