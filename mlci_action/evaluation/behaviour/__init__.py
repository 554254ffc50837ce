"""What is shown beside the metrics?"""
