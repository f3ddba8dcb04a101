"""The store. No Streamlit here; core does not know it is there."""
