"""What Greenlight knows: verdicts, statistics, reports. No Streamlit, SQL, clock or environment."""
